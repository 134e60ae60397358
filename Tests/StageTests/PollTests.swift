import Course
import Foundation
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 12: an echo server for thousands of clients in one thread.
final class PollTests: StageTestCase {
    override class var stage: Stage { .poll }

    /// Everything else depends on this one.
    func testStep1EchoesALine_Poll() throws {
        let (server, client) = try startServerWithClient()
        try server.expectService(of: client)
    }

    // MARK: Where it listens, and how it ends

    func testStep1ListensOnThePortThatItIsTold_Poll() throws {
        try checkListensOnThePortThatItIsTold()
    }

    func testStep1IsRefusedAPortThatIsTaken_Poll() throws {
        try checkRefusesAPortThatIsTaken()
    }

    func testStep1StartsAgainAtOnce_Poll() throws {
        try checkStartsAgainAtOnce()
    }

    func testStep1ReportsACallThatFails_Poll() throws {
        try checkReportsACallThatFails()
    }

    func testStep1RefusesWrongArguments_Poll() throws {
        try checkRefuses(Self.wrongPorts)
    }

    func testStep1EndsOnASignalWhileItWaitsForAClient_Poll() throws {
        try checkEndsOnASignalWhileItWaitsForAClient()
    }

    func testStep1EndsOnASignalWhileAClientSendsNothing_Poll() throws {
        try checkEndsOnASignalWhileAClientSendsNothing()
    }

    func testStep1EndsOnASignalWhileAClientDoesNotRead_Poll() throws {
        try checkEndsOnASignalWhileAClientDoesNotRead()
    }

    func testStep1SurvivesAClientThatIsGone_Poll() throws {
        try checkNotEndedBySIGPIPE()
    }

    // MARK: Many clients, one thread

    func testStep1ServesAClientWhileOthersAreSilent() throws {
        let server = try startServer()
        let clients = try (0..<4).map { _ in try server.connect() }
        // Twice: before the first answer, the others may not have been looked at.
        for index in [3, 3, 0, 2, 1] {
            try server.expectService(of: clients[index], although: "connected clients that send nothing")
        }
    }

    func testStep1IsOneProcessWithOneThread() throws {
        var crowd = Crowd(at: try startServer())
        try crowd.grow(by: 30)
        try crowd.expectEchoes("hello")
        try crowd.server.subject.expectOneThread(serving: 30)
    }

    func testStep1ServesTwoThousandClientsAtOnce() throws {
        try needsDescriptors(2500)
        var crowd = Crowd(at: try startServer())
        try crowd.grow(by: 2000)
        try crowd.expectEchoes("hello")
        try crowd.shrink { !$0.isMultiple(of: 4) }
        try crowd.expectEchoes("and goodbye")
        try crowd.expectLines()
    }

    func testStep1LetsABusyClientStarveNobody() throws {
        try checkLetsABusyClientStarveNobody()
    }

    func testStep1WaitsForAClientWithoutBurningProcessorTime_Poll() throws {
        try startServer().subject.expectIdle(while: "no client has come")
    }

    func testStep1WaitsForManyClientsWithoutBurningProcessorTime() throws {
        var crowd = Crowd(at: try startServer())
        try crowd.grow(by: 30)
        try crowd.expectEchoes("hello")
        try crowd.server.subject.expectIdle(while: "30 clients send nothing")
    }

    // MARK: Nothing waits but for all

    func testStep2ServesOthersWhileAClientDoesNotRead() throws {
        let (server, client) = try startServerWithClient(buffers: .small)
        let other = try server.connect()
        // More than once: one that waits in send(2) may get a little further now and then.
        for _ in 1...3 {
            try server.holdUp(client)
            let did = "had a client send, and not read, until no more went"
            try server.expectService(of: other, although: did)
        }
    }

    // MARK: Accepting

    func testStep3TellsTheTrueAddressOfTheClient_Poll() throws {
        try checkTellsTheTrueAddressOfTheClient()
    }

    func testStep3AcceptsAgainAfterASignal_Poll() throws {
        try checkAcceptsAgainAfterASignal()
    }

    func testStep3GoesOnWhenAClientHasGivenUp_Poll() throws {
        try checkGoesOnAfterAnAcceptThatFails(with: "ECONNABORTED")
    }

    /// It may leave the queue alone until a client has gone.
    func testStep3GoesOnWhenNoDescriptorIsLeft_Poll() throws {
        let server = try startServer(faults: [.init(.accept, 2, "EMFILE")])
        let first = try server.connect()
        try server.expectAccepted(first, line: 1)
        let second = try server.connect()
        try server.expectService(of: first, although: "made accept(2) fail with EMFILE")
        first.close()
        let line = Array("hello\n".utf8)
        try second.send(line)
        let did = "made accept(2) fail with EMFILE, and closed the client that was there"
        try server.expectServedOrLetGo(second, line, although: did)
        try server.expectService(of: try server.connect(), although: did)
        try server.subject.needsFault(in: [.accept])
    }

    func testStep3ServesThoseConnectedWhenNoDescriptorIsLeft() throws {
        try checkServesThoseConnectedWhenNoDescriptorIsLeft()
    }

    func testStep3GoesOnAfterAClientThatIsGoneBeforeItIsAccepted_Poll() throws {
        let (server, first) = try startServerWithClient()
        server.subject.stop()
        try server.connect().reset()
        server.subject.program.signal(SIGCONT)
        let did = "reset a connection before it was accepted"
        try server.expectService(of: first, although: did)
        first.close()
        try server.expectGoesOn(after: first, did: did)
    }

    // MARK: Receiving

    func testStep4EchoesBytesOfEveryValue_Poll() throws {
        try checkEchoesBytesOfEveryValue()
    }

    func testStep4EchoesAsItComes_Poll() throws {
        try checkEchoesAsItComes()
    }

    func testStep4ReceivesAgainAfterASignal_Poll() throws {
        let (server, client) = try checkReceivesAgainAfterASignal()
        try server.expectEndOfFile(client)
    }

    func testStep4TriesAgainLaterWhereNothingIsThereAfterAll() throws {
        // A socket that poll(2) tells of may not be ready any more: poll(2), BUGS.
        let families: [SocketCall.Family] = [.recv, .send]
        let faults = families.flatMap { family in
            [1, 3].map { Recorder.Fault(family, .number($0), "EAGAIN") }
        }
        let (server, client) = try startServerWithClient(faults: faults)
        // Who is told of changes alone, as epoll(7) can, is told of the last line's bytes with the next line.
        let lines = (1...6).map { Array("line \($0)\n".utf8) }
        for line in lines {
            try client.send(line)
            server.subject.waitUntilItWaits()
        }
        let sent = lines.flatMap(\.self)
        let received = try client.receive(count: sent.count)
        if received.bytes != sent {
            let did = "sent six lines, while recv(2) and send(2) failed with EAGAIN now and then"
            throw server.echoFailure(sent: sent, received, did: did)
        }
        try server.expectEndOfFile(client)
    }

    func testStep4AnswersTheEndOfAClientWithItsOwn_Poll() throws {
        try checkAnswersAfterTheEndOfFile()
    }

    func testStep4AnswersAsTheReferenceDoes_Poll() throws {
        try checkAnswersAsTheReferenceDoes()
    }

    func testStep4GoesOnAfterAReset_Poll() throws {
        try checkGoesOnAfterAReset()
    }

    func testStep4GoesOnAfterAClientThatVanishes_Poll() throws {
        try checkGoesOnAfterAClientThatVanishes()
    }

    // MARK: What is owed

    func testStep5SendsTheRestAfterAShortSend_Poll() throws {
        try checkSendsTheRestAfterAShortSend()
    }

    func testStep5SendsAgainAfterASignal_Poll() throws {
        try checkSendsAgainAfterASignal()
    }

    func testStep5StopsReadingFromAClientThatDoesNotRead() throws {
        let (server, client) = try startServerWithClient(buffers: .small)
        let bytes = try server.holdUp(client)
        let received = try client.receive(count: bytes.count)
        if received.bytes != bytes {
            throw server.echoFailure(sent: bytes, received, did: "had a client read late what it had sent")
        }
        // Nothing is owed any more: there is always room to send, and nothing to do with it.
        try server.subject.expectIdle(while: "a client has read all that it was owed")
        try server.expectService(of: client, although: "had a client read late what it had sent")
    }

    func testStep5SendsWhatAHalfClosedClientIsOwed() throws {
        let (server, client) = try startServerWithClient(buffers: .small)
        let other = try server.connect()
        let bytes = try server.holdUp(client)
        try client.halfClose()
        try server.expectService(of: other, although: "half-closed a connection whose client does not read")
        try server.expectOwed(bytes, of: client)
        // With less to hold, a server reads the end of file while it still owes.
        for count in [400_000, 800_000] {
            let client = try server.connect(buffers: .small)
            let bytes = Payload.text(count: count)
            let sent = try client.sendAsFarAsItGoes(bytes, quiet: .milliseconds(3))
            server.subject.waitUntilItWaits()
            try client.halfClose()
            try server.subject.expectIdleOnceAllIsMoved(while: "a half-closed client does not read")
            try server.expectOwed(Array(bytes[..<sent]), of: client)
        }
    }

    func testStep5KeepsApartWhatItOwes() throws {
        let server = try startServer()
        let clients = try (0..<4).map { _ in try server.connect(buffers: .small) }
        var owed: [[UInt8]] = []
        for (index, client) in clients.enumerated() {
            owed.append(try server.holdUp(client, seed: UInt64(index + 1)))
        }
        // The place of one that goes may be given to another.
        try clients[1].reset()
        try server.expectClosed(clients[1], line: clients.count + 1)
        for index in [3, 0, 2] {
            try clients[index].halfClose()
            try server.expectOwed(owed[index], of: clients[index])
        }
    }

    func testStep5WaitsForRoomWithoutBurningProcessorTime() throws {
        let (server, client) = try startServerWithClient(buffers: .small)
        try server.holdUp(client)
        try server.subject.expectIdleOnceAllIsMoved(while: "a client does not read")
        try client.halfClose()
        try server.subject.expectIdle(while: "a half-closed client does not read")
    }

    func testStep5GoesOnAfterAClientThatNeverReads_Poll() throws {
        try checkGoesOnAfterAClientThatNeverReads()
    }

    // MARK: The end of a client

    func testStep6ServesOneClientAfterAnother_Poll() throws {
        try checkServesOneClientAfterAnother()
    }

    func testStep6SaysClosedOnlyWhenTheConnectionIs_Poll() throws {
        try checkSaysClosedOnlyWhenTheConnectionIs()
    }

    func testStep6ClosesEachDescriptorOnce_Poll() throws {
        try checkClosesEachDescriptorOnce()
    }

    func testStep6DoesNotCloseAgainAfterASignal_Poll() throws {
        try checkDoesNotCloseAgainAfterASignal()
    }

    func testStep6LeavesNothingBehindOfClientsThatGoInAnyOrder() throws {
        let server = try startServer()
        var crowd = Crowd(at: server)
        try crowd.grow(by: 60)
        for round in 1...3 {
            try crowd.shrink { $0 % 3 != round % 2 }
            try crowd.expectEchoes("round \(round)")
            try crowd.grow(by: 20)
        }
        try crowd.expectEchoes("goodbye")
        try crowd.shrink { _ in true }
        try crowd.expectLines()
        try server.expectNoConnections(after: "clients that come and go in any order")
    }
}
