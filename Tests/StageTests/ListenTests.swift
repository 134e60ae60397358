import Course
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 3: clients can connect, although nobody accepts yet.
final class ListenTests: StageTestCase {
    override class var stage: Stage { .listen }

    /// Everything else depends on this one.
    func testStep1IsReachedOnThePortThatItIsTold() throws {
        let server = try startServerOnFreePort()
        // One that ends at once may still be there for a moment.
        server.subject.waitUntilItWaits()
        _ = try server.connect()
    }

    func testStep1ListensBeforeItSaysSo() throws {
        // listen(2) never returns: a line that comes all the same came too early.
        let subject = try run("0", faults: [.init(.listen, .every, "late=60000")])
        let entered = subject.program.wait(Subject.patience) { seen in
            seen.blockedCall(.listen) != nil || seen.ending != nil || !seen.outputLines.isEmpty ? true : nil
        }
        if entered != nil, subject.seen.blockedCall(.listen) == nil, subject.seen.ending == nil {
            try subject.needsRecorder()
        }
        // What it had written before it called listen(2) is in the pipe by now; its end brings all of it.
        subject.program.end(.kill)
        if subject.seen.output.isEmpty { return }
        throw subject.failure(
            did: "held it up in listen(2)",
            expected: "no status line yet",
            saw: Subject.quoted(subject.seen.outputText),
            cause: "the line tells of something that has not happened"
        )
    }

    func testStep1ListensNowhereElse() throws {
        let server = try startServer()
        _ = try server.connect()
        try server.expectNoOtherAddress()
    }

    func testStep1KeepsThreeClientsInTheQueue() throws {
        let server = try startServer()
        let clients = try (1...3).map { _ in try server.connect() }
        try server.subject.expectIdle(while: "three clients are in the queue")
        let accepted = try server.subject.heldSockets().filter { $0.remote != nil }
        let ended = try clients.filter { try $0.receiveWhatIsThere() != Received([], .stillOpen) }
        if accepted.isEmpty, ended.isEmpty { return }
        let isAccepted = !accepted.isEmpty || !server.subject.seen.calls(.accept).isEmpty
        throw server.subject.failure(
            did: "connected three clients",
            expected: "they wait in the queue: nobody accepts yet",
            saw: accepted.isEmpty
                ? "the connection of \(ended.count) has ended" : "the program has accepted \(accepted.count)",
            cause: isAccepted ? "accept(2) comes with the next stage" : nil
        )
    }

    func testStep1ListensUntilInputEnds() throws {
        let server = try startServer()
        try server.subject.expectReadsInput()
        _ = try server.connect()
        try server.subject.expectEndOfInputEndsIt()
        try server.subject.expectOutput(["listening on \(server.address)"])
    }

    func testStep1ReportsAListenThatFails() throws {
        try checkReportsAListenThatFails()
    }

    func testStep1ReportsACallThatFails_Listen() throws {
        try checkReportsASocketThatCouldNotBeMade()
        try checkReportsABindThatFails()
        try checkReportsAGetsocknameThatFails()
    }

    func testStep2ReportsASetsockoptThatFails() throws {
        try checkReportsIfItEnds(because: .setsockopt)
    }

    func testStep2StartsAgainAtOnce_Listen() throws {
        try checkStartsAgainAtOnce()
    }

    func testStep2IsRefusedAPortThatIsTaken_Listen() throws {
        try checkRefusesAPortThatIsTaken()
    }

    func testStep2RefusesWrongArguments_Listen() throws {
        try checkRefuses(Self.wrongPorts)
    }
}
