import Course
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 2: the program gives its socket the address that it was told.
final class BindTests: StageTestCase {
    override class var stage: Stage { .bind }

    /// Everything else depends on this one.
    func testStep1AsksForThePortThatItIsTold() throws {
        let (subject, port) = try runOnFreePort(announcing: "bound to")
        try subject.expectLine(0, "bound to 127.0.0.1:\(port)") {
            PlaceCause(ofLine: $0, instead: port, subject.seen).text
        }
        try expectHeld(port, by: subject)
    }

    func testStep1BindsNoOtherAddress() throws {
        let (subject, port) = try runOnAnyPort(announcing: "bound to")
        let other = try XCTUnwrap(SocketAddress(host: Self.unusedHost, port: port))
        do {
            _ = try PortHolder(boundTo: other)
        } catch {
            if error.errno.name != "EADDRINUSE" { throw error }
            throw subject.failure(
                did: "bound \(other) too",
                expected: "that is free: the program has 127.0.0.1 alone",
                saw: "\(error)",
                cause: PlaceCause(ofOtherAddress: subject.seen).text,
                read: .newInSwift
            )
        }
    }

    func testStep1TakesTheFirstAndTheLastPort() throws {
        for port in [1, 65535] {
            let turn = Turn()
            defer { turn.end() }
            let subject = try runOnceNobodyHas(port)
            defer { subject.program.end(.kill) }
            // Somebody else may have the port all the same, or it takes a privilege: what counts is which
            // address was asked for.
            let refused = ["Permission denied", "Address already in use"]
                .contains { subject.seen.hasErrorLine("bind: \($0)") }
            if subject.seen.ending == .exited(1), refused {
                let asked = subject.seen.calls(.bind).first?.arguments.dropFirst().first
                if asked == nil || asked == "127.0.0.1:\(port)" { continue }
                throw subject.failure(
                    expected: "bind(2) for 127.0.0.1:\(port)",
                    saw: "bind(2) for \(asked ?? "")"
                )
            }
            try subject.expectLine(0, "bound to 127.0.0.1:\(port)") {
                PlaceCause(ofLine: $0, instead: UInt16(port), subject.seen).text
            }
        }
    }

    /// Runs the program on a port that somebody else may have for as long as a suite is patient, such as a program
    /// that takes "-1" for 65535: again, where it was taken.
    private func runOnceNobodyHas(_ port: Int) throws -> Subject {
        var deadline = Deadline(Subject.patience * 3)
        while true {
            let subject = try runToItsWord(port)
            let isTaken = subject.seen.calls(.bind).contains { $0.errno == EADDRINUSE }
            if !isTaken || deadline.hasPassed { return subject }
            subject.program.end(.kill)
            deadline.charge()
        }
    }

    private func runToItsWord(_ port: Int) throws -> Subject {
        let subject = try run("\(port)")
        subject.waitForLineOrEnd()
        return subject
    }

    func testStep2BindsButDoesNotListen() throws {
        let (subject, port) = try runOnAnyPort(announcing: "bound to")
        if Probe(connectingTo: .loopback(port)) == .refused { return }
        throw subject.failure(
            did: "connected to 127.0.0.1:\(port)",
            expected: "connection refused",
            saw: "a connection",
            cause: subject.seen.calls(.listen).isEmpty ? nil : "listen(2) comes with the next stage"
        )
    }

    func testStep2ReportsASocketThatCouldNotBeMade_Bind() throws {
        try checkReportsASocketThatCouldNotBeMade()
    }

    func testStep2ReportsAPortThatMayNotBeHad() throws {
        try checkReportsABindThatFails()
    }

    func testStep2ReportsAPortThatIsTaken() throws {
        let holder = try PortHolder(listeningOn: .loopback(0))
        try expectBindRefused(run("\(holder.port)"))
    }

    func testStep3TellsThePortThatTheKernelChose() throws {
        let (subject, port) = try runOnAnyPort(announcing: "bound to")
        try expectHeld(port, by: subject)
    }

    func testStep3ReportsAGetsocknameThatFails() throws {
        try checkReportsAGetsocknameThatFails(announcing: "bound to")
    }

    func testStep3HoldsTheAddressUntilInputEnds() throws {
        let (subject, port) = try runOnAnyPort(announcing: "bound to")
        try subject.expectReadsInput()
        try expectHeld(port, by: subject)
        try subject.expectEndOfInputEndsIt()
        try subject.expectOutput(["bound to 127.0.0.1:\(port)"])
    }

    func testStep3RefusesWrongArguments_Bind() throws {
        try checkRefuses(Self.wrongPorts)
    }

    /// The program has the port: nobody else can bind it, and one of its sockets is bound there.
    private func expectHeld(_ port: UInt16, by subject: Subject) throws {
        let address = SocketAddress.loopback(port)
        // What it does after its line is done by then: a socket closed at once is closed each time.
        subject.waitUntilItWaits()
        if (try? PortHolder(boundTo: address)) == nil { return }
        let sockets = try subject.heldSockets()
        throw subject.failure(
            expected: "the program holds \(address)",
            saw: "\(address) is free",
            cause: PlaceCause(ofFree: address, subject.seen, holding: sockets).text
        )
    }

    /// The port was taken, and the program bound another.
    private static func causeOfSecondPort(_ seen: Observation) -> String? {
        let calls = seen.calls(.bind)
        guard calls.contains(where: { $0.errno == EADDRINUSE }), let second = calls.last, second.result == 0
        else {
            return nil
        }
        return
            "bind(2) failed, and another port was bound in place of it: \(second.arguments.dropFirst().first ?? "")"
    }

    private func expectBindRefused(_ subject: Subject) throws {
        subject.waitForLineOrEnd()
        let isReported = subject.seen.hasErrorLine("bind: Address already in use")
        if subject.seen.ending == .exited(1), isReported, subject.seen.output.isEmpty { return }
        throw subject.failure(
            did: "started it on a port on which another server listens",
            expected: "bind: Address already in use, on standard error, and exit status 1",
            saw: subject.whatHappened(),
            cause: Self.causeOfSecondPort(subject.seen)
                ?? ReportCause(subject.seen, names: ["bind"], "Address already in use").text,
            read: .call
        )
    }
}
