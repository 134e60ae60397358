import Course
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 8: the program connects to a server, at the first of its addresses that answers.
final class ConnectTests: StageTestCase {
    override class var stage: Stage { .connect }

    /// Everything else depends on this one.
    func testStep1ConnectsToTheServerThatItIsTold() throws {
        _ = try startConnectedClient()
    }

    func testStep1FindsAServerOfIPv6() throws {
        let server = try listen(on: .loopback6(0))
        _ = try runClient(of: server).expectConnection(to: server)
    }

    func testStep1FindsAServiceByItsName() throws {
        let (server, service) = try listenAsAService()
        let subject = try run(server.address.host, service)
        _ = try subject.expectConnection(to: server, did: "listened on the port of \(service)")
    }

    func testStep1FindsLocalhost() throws {
        let localhost = try destinationsOfLocalhost()
        let subject = try run("localhost", "\(localhost.port)")
        _ = try subject.expectConnection(to: localhost.listeners[0])
    }

    func testStep1ReportsAHostThatIsNotKnown() throws {
        let subject = try run("no-such-host.invalid", "7007", hosts: [])
        try subject.expectLookupFails()
    }

    func testStep1ReportsAServiceThatIsNotKnown() throws {
        try run("127.0.0.1", "no-such-service").expectLookupFails()
    }

    func testStep2TriesTheNextAddressAfterARefusal() throws {
        let name = try destinations(refusing: ["127.0.0.2"], answering: ["127.0.0.1"])
        _ = try runClient(of: name).expectConnection(to: name.listeners[0], did: name.told)
    }

    func testStep2TriesTheNextAddressWhateverWasWrong() throws {
        let name = try destinations(answering: ["127.0.0.2", "127.0.0.1"])
        for errno in ["ENETUNREACH", "ETIMEDOUT"] {
            let subject = try runClient(of: name, faults: [.init(.connect, 1, errno)])
            let did = "\(name.told), and made the first connect(2) fail with \(errno)"
            _ = try subject.expectConnection(to: name.listeners[1], did: did)
        }
    }

    func testStep2TriesIPv4AfterIPv6() throws {
        let name = try destinations(refusing: ["::1"], answering: ["127.0.0.1"])
        _ = try runClient(of: name).expectConnection(to: name.listeners[0], did: name.told)
    }

    func testStep2TakesTheFirstAddressThatAnswers() throws {
        let names = [["127.0.0.2", "127.0.0.1"], ["::1", "127.0.0.1"], ["127.0.0.1", "::1"]]
            .compactMap { try? destinations(answering: $0) }
        if names.isEmpty { throw stop(.couldNotRun, "this machine has 127.0.0.1 alone") }
        for name in names {
            let subject = try runClient(of: name)
            _ = try subject.expectConnection(to: name.listeners[0], did: name.told)
            let others = name.addresses.dropFirst().map(\.description)
            try subject.expectClosed(
                { $0.remote.map(others.contains) ?? false },
                did: name.told,
                expected: "one connection, to \(name.addresses[0])"
            )
            try subject.expectNoConnection(to: name.listeners[1], did: name.told)
        }
    }

    func testStep2ClosesTheSocketsOfFailedAttempts() throws {
        let name = try destinations(
            refusing: ["127.0.0.2", "127.0.0.3", "127.0.0.4"],
            answering: ["127.0.0.1"]
        )
        let subject = try runClient(of: name)
        // Kept: a socket whose two directions have ended has no address any more.
        let connection = try subject.expectConnection(to: name.listeners[0], did: name.told)
        defer { withExtendedLifetime(connection) {} }
        let connected = name.listeners[0].address.description
        try subject.expectClosed(
            { $0.remote != connected },
            did: name.told,
            expected: "one socket is left, the one that is connected"
        )
    }

    func testStep2ConnectsEachSocketOnce() throws {
        let name = try destinations(refusing: ["127.0.0.2", "127.0.0.3"], answering: ["127.0.0.1"])
        let subject = try runClient(of: name)
        _ = try subject.expectConnection(to: name.listeners[0], did: name.told)
        guard let again = subject.seen.secondConnect else { return }
        throw subject.failure(
            did: name.told,
            expected: "a fresh socket for each address",
            saw:
                "connect(\(again.arguments.joined(separator: ", "))), on a socket whose connect(2) had failed before",
            cause: "socket(2) belongs into the loop: only some systems let such a socket be used again"
        )
    }

    func testStep2SaysThatNoAddressAnswers() throws {
        let name = try destinations(refusing: ["127.0.0.2", "127.0.0.3"])
        try runClient(of: name).expectConnectFails("Connection refused", did: name.told)
    }

    func testStep2ReportsASocketThatCanNotBeMade() throws {
        let server = try Listener(log: peers)
        let subject = try runClient(of: server, faults: [.init(.socket, .every, "EMFILE")])
        try subject.expectReport(of: [.socket], "Too many open files", ifFailedBy: "made socket(2) fail")
    }

    func testStep2TellsWhichCallFailed() throws {
        let name = try destinations(refusing: ["127.0.0.2", "127.0.0.3"])
        let subject = try runClient(of: name, faults: [.init(.socket, 1, "EMFILE")])
        _ = subject.program.wait(Subject.patience) { $0.ending != nil || !$0.output.isEmpty ? true : nil }
        // It may give up at once, or go on to the other address; and then tell of either.
        let isTold = ["socket: Too many open files", "connect: Connection refused"]
            .contains(where: subject.seen.hasErrorLine)
        if subject.seen.ending == .exited(1), isTold, subject.seen.output.isEmpty { return }
        throw subject.failure(
            did: "made socket(2) fail for the first address; the second refuses",
            expected: "connect: Connection refused, on standard error, and exit status 1",
            saw: subject.whatHappened(),
            cause: ReportCause(subject.seen, names: ["connect"], "Connection refused").text
        )
    }

    func testStep3ReportsARefusal() throws {
        let holder = try PortHolder(boundTo: .loopback(0))
        try run("127.0.0.1", "\(holder.port)")
            .expectConnectFails("Connection refused", did: "started it for a port on which nobody listens")
    }

    func testStep3ReportsANetworkThatIsOutOfReach() throws {
        let server = try Listener(log: peers)
        let subject = try runClient(of: server, faults: [.init(.connect, .every, "ENETUNREACH")])
        try subject.expectReport(
            of: [.connect],
            "Network is unreachable",
            ifFailedBy: "made connect(2) fail with ENETUNREACH"
        )
    }

    func testStep3GoesOnAfterASignal() throws {
        let did = "interrupted connect(2) by a signal"
        let server = try Listener(log: peers)
        let first = try runClient(of: server, faults: [.init(.connect, 1, "EINTR")] + .interrupting(.poll))
        _ = try first.expectConnection(to: server, did: did)
        try first.needsFault(in: [.connect])
        try first.expectNoSecondConnection(to: server, did: did)

        let name = try destinations(refusing: ["127.0.0.2"], answering: ["127.0.0.1"])
        let second = try runClient(of: name, faults: [.init(.connect, 2, "EINTR")])
        _ = try second.expectConnection(to: name.listeners[0], did: "\(did), the second time")
        try second.expectNoSecondConnection(to: name.listeners[0], did: "\(did), the second time")
    }

    func testStep3ReportsARefusalAfterASignal() throws {
        let holder = try PortHolder(boundTo: .loopback(0))
        let subject = try run("127.0.0.1", "\(holder.port)", faults: [.init(.connect, 1, "EINTR")])
        let did = "interrupted connect(2) by a signal, to a port on which nobody listens"
        try subject.expectConnectFails("Connection refused", did: did)
        try subject.needsRecorder()

        // To learn by what came of it that there is another address to try.
        let name = try destinations(refusing: ["127.0.0.2"], answering: ["127.0.0.1"])
        let other = try runClient(of: name, faults: [.init(.connect, 1, "EINTR")])
        _ = try other.expectConnection(to: name.listeners[0], did: "\(did), the first of two addresses")
    }

    func testStep3SaysConnectedOnlyOnceItIs() throws {
        try checkWaitsForTheServer()
        try checkWaitsForTheServer(faults: [.init(.connect, 1, "EINTR")] + .interrupting(.poll))
    }

    func testStep4TellsTheAddressThatAnswered() throws {
        let localhost = try destinationsOfLocalhost()
        try run("localhost", "\(localhost.port)").expectConnectedLine(localhost.listeners[0].address)

        let name = try destinations(refusing: ["127.0.0.3"], answering: ["127.0.0.1"])
        try runClient(of: name).expectConnectedLine(name.listeners[0].address, not: name.addresses[0])
    }

    func testStep4TellsThePortInNumbers() throws {
        let (server, service) = try listenAsAService()
        try run(server.address.host, service).expectConnectedLine(server.address)
    }

    func testStep4WritesIPv6InBrackets() throws {
        let server = try listen(on: .loopback6(0))
        try runClient(of: server).expectConnectedLine(server.address)
    }

    func testStep4HoldsTheConnectionUntilInputEnds() throws {
        let (subject, _, connection) = try startConnectedClient()
        try subject.expectReadsInput()
        try subject.expectIdle(while: "standard input is open")
        let ending = try connection.receiveWhatIsThere().ending
        if ending != .stillOpen {
            throw subject.failure(
                did: "looked at the connection while standard input was open",
                expected: "it is open",
                saw: "the program has ended it: \(ending)",
                cause: subject.seen.causeOfEarlyEnd
            )
        }
        try subject.expectEndOfInputEndsIt()
        try subject.expectOutput([subject.seen.outputLines[0]])
    }

    func testStep4EndsWithItsInputAlone() throws {
        for isOrderly in [true, false] { try checkEndsWithItsInput(after: isOrderly) }
    }

    /// - Parameter isOrderly: whether the server's end is FIN, and no RST.
    private func checkEndsWithItsInput(after isOrderly: Bool) throws {
        let (subject, _, connection) = try startConnectedClient()
        try connection.send(Array("hello\n".utf8))
        if isOrderly { connection.close() } else { try connection.reset() }
        if subject.program.waitForEnding(.milliseconds(20)) == nil {
            try subject.expectIdle(while: "the server has ended the connection")
        }
        if subject.seen.ending != nil {
            throw subject.failure(
                did: "sent it a line, and ended the connection",
                expected: "it waits until standard input ends",
                saw: subject.whatHappened(),
                cause: subject.seen.calls(.recv).contains { $0.result == 0 }
                    ? "recv(2) returned 0, the server's end of file: this program waits for that of its input"
                    : "standard input has not ended, and the program did not wait for its end"
            )
        }
        try subject.expectEndOfInputEndsIt()
        try subject.expectOutput([subject.seen.outputLines[0]])
    }

    func testStep4SendsNothing() throws {
        let (subject, _, connection) = try startConnectedClient()
        try? subject.program.send(Array("hello\n".utf8))
        try subject.expectIdle(while: "standard input is open, after a line")
        let received = try connection.receiveWhatIsThere()
        if received.bytes.isEmpty { return }
        throw subject.failure(
            did: "gave it a line on standard input",
            expected: "the server receives nothing: this program only connects",
            saw: "\(received)",
            cause: subject.seen.calls(.send).last.map { "\($0.name)(2) was called" }
        )
    }

    func testStep4RefusesWrongArguments_Connect() throws {
        try checkRefuses([[], ["127.0.0.1"], ["127.0.0.1", "7007", "7008"]])
    }
}
