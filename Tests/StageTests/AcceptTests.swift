import Course
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 4: the program takes one client out of the queue.
final class AcceptTests: StageTestCase {
    override class var stage: Stage { .accept }

    /// Everything else depends on this one.
    func testStep1AcceptsAClient() throws {
        let server = try startServer()
        let client = try server.connect()
        let line = try server.subject.line(1, expected: "accepted \(client.localAddress)")
        if line.hasPrefix("accepted ") { return }
        throw server.subject.failure(
            did: "connected a client",
            expected: "accepted \(client.localAddress)",
            saw: line
        )
    }

    func testStep1WaitsForAClientWithoutBurningProcessorTime() throws {
        // One whose accept(2) gives up after some time finds that time over, and goes on waiting.
        let server = try startServer(faults: [.init(.accept, 1, "timeout")])
        try server.subject.expectIdle(while: "no client has come")
        try server.subject.expectOutput(["listening on \(server.address)"])
        try server.expectAccepted(try server.connect(), line: 1)
    }

    func testStep1KeepsTheListeningSocketOpen() throws {
        let server = try startServer()
        let first = try server.connect()
        try server.expectAccepted(first, line: 1)
        server.subject.waitUntilItWaits()
        withExtendedLifetime((first, try server.connect())) {}
    }

    func testStep1AcceptsNoSecondClient() throws {
        let server = try startServer()
        let first = try server.connect()
        try server.expectAccepted(first, line: 1)
        server.subject.waitUntilItWaits()
        let second = try server.connect()
        try server.subject.expectIdle(while: "a second client is in the queue")
        try server.subject.expectOutput(["listening on \(server.address)", "accepted \(first.localAddress)"])
        let isHeld = try server.subject.heldSockets().contains { $0.remote == "\(second.localAddress)" }
        let received = try second.receiveWhatIsThere()
        if !isHeld, received == Received([], .stillOpen) { return }
        throw server.subject.failure(
            did: "connected a second client",
            expected: "it stays in the queue: one client is accepted",
            saw: isHeld ? "the program has accepted it, too" : "\(received)",
            cause: server.subject.seen.calls(.accept).count > 1 ? "accept(2) was called again" : nil
        )
    }

    func testStep1KeepsTheConnectionOpenAndSendsNothing() throws {
        let server = try startServer()
        let client = try server.connect()
        try server.expectAccepted(client, line: 1)
        try client.send(Array("hello\n".utf8))
        try client.halfClose()
        // Nor does a line of its own input change that.
        try? server.subject.program.send("\n".utf8)
        try server.subject.expectIdle(while: "a client has sent a line and half-closed")
        let held = try server.subject.heldSockets().filter { $0.remote == "\(client.localAddress)" }
        let received = try client.receiveWhatIsThere()
        if !held.isEmpty, received == Received([], .stillOpen) { return }
        throw server.subject.failure(
            did: "looked at the connection once it was accepted",
            expected: "it is open, and nothing comes",
            saw: held.isEmpty ? "the program has closed it" : "\(received)",
            cause: Self.causeOfChange(server.subject.seen)
        )
    }

    /// A call on the connection that does what it should not.
    private static func causeOfChange(_ seen: Observation) -> String? {
        let connection = seen.calls(.accept).last?.result
        let calls = [.send, .shutdown, .close].flatMap(seen.calls)
        let call = calls.first { $0.descriptor.map(Int.init) == connection && $0.errno == nil }
        return call.map { "\($0.name)(2) was called on the connection" }
    }

    func testStep1AcceptsAgainAfterASignal_Accept() throws {
        try checkAcceptsAgainAfterASignal()
    }

    func testStep1ReportsAnAcceptThatFails() throws {
        try checkReportsAnAcceptThatFails()
    }

    func testStep2TellsTheTrueAddressOfTheClient() throws {
        let server = try startServer()
        // As long as an address of the loopback can be.
        let client = try server.connect(from: "127.100.150.200")
        try server.expectAccepted(client, line: 1)
    }

    func testStep2EndsWhenInputEnds() throws {
        let server = try startServer()
        let client = try server.connect()
        try server.expectAccepted(client, line: 1)
        try server.subject.expectReadsInput()
        try server.subject.expectEndOfInputEndsIt()
        try server.subject.expectOutput(["listening on \(server.address)", "accepted \(client.localAddress)"])
    }

    func testStep2WaitsForAClientAlsoAfterItsInput() throws {
        let server = try startServer()
        server.subject.program.closeInput()
        try server.subject.expectIdle(while: "standard input has ended, and no client has come")
        if server.subject.seen.ending != nil {
            throw server.subject.failure(
                did: "ended standard input, before any client",
                expected: "it waits for a client, accepts it, and ends then",
                saw: server.subject.whatHappened()
            )
        }
        let client = try server.connect()
        try server.expectAccepted(client, line: 1)
        try server.subject.expectExit(0, after: "ended standard input, and connected a client")
    }

    func testStep2ServesOnThePortThatItIsTold_Accept() throws {
        try checkListensOnThePortThatItIsTold()
    }

    func testStep2IsRefusedAPortThatIsTaken_Accept() throws {
        try checkRefusesAPortThatIsTaken()
    }

    func testStep2StartsAgainAtOnce_Accept() throws {
        try checkStartsAgainAtOnce()
    }

    func testStep2ReportsACallThatFails_Accept() throws {
        try checkReportsACallThatFails()
    }

    func testStep2RefusesWrongArguments_Accept() throws {
        try checkRefuses(Self.wrongPorts)
    }
}
