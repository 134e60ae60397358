import Course
import Foundation
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 5: the program sends back to one client what it receives, until that client's end of file.
final class SendRecvTests: StageTestCase {
    override class var stage: Stage { .sendRecv }

    /// Everything else depends on this one.
    func testStep1EchoesALine() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line, \"hello\"")
    }

    func testStep2TakesZeroBytesAsTheEnd() throws {
        // Standard input stays open: it has no say in when this program ends.
        let server = try startServer()
        let client = try server.connect()
        try server.expectAccepted(client, line: 1)
        try server.expectEndOfFile(client)
        try server.subject.expectExit(0, after: "ended the client's side: recv(2) returned 0") {
            server.subject.causeOfWaitingForInput()
        }
        try server.subject.expectOutput(["listening on \(server.address)", "accepted \(client.localAddress)"])
    }

    func testStep2ReceivesAgainAfterASignal_SendRecv() throws {
        let (server, client) = try checkReceivesAgainAfterASignal()
        try server.expectEndOfFile(client)
        try server.subject.expectExit(0, after: "interrupted recv(2), then ended the client's side")
    }

    func testStep2WaitsForBytesWithoutBurningProcessorTime() throws {
        try checkWaitsForBytesWithoutBurningProcessorTime()
    }

    func testStep3SendsTheRestAfterAShortSend_SendRecv() throws {
        try checkSendsTheRestAfterAShortSend()
    }

    func testStep3SendsAgainAfterASignal_SendRecv() throws {
        try checkSendsAgainAfterASignal()
    }

    func testStep2ReportsARecvThatFails() throws {
        try checkReportsAnEchoThatFails(in: .recv)
    }

    func testStep3ReportsASendThatFails() throws {
        try checkReportsAnEchoThatFails(in: .send)
    }

    func testStep3ReportsAnAcceptThatFails_SendRecv() throws {
        try checkReportsAnAcceptThatFails()
    }

    func testStep3ServesAClientThatReadsLate_SendRecv() throws {
        try checkServesAClientThatReadsLate()
    }

    func testStep3SurvivesAClientThatIsGone_SendRecv() throws {
        try checkNotEndedBySIGPIPE()
    }

    func testStep1EchoesBytesOfEveryValue() throws {
        try checkEchoesBytesOfEveryValue()
    }

    func testStep1EchoesAsItComes() throws {
        try checkEchoesAsItComes()
    }

    func testStep2AnswersAClientThatHalfClosesAndThenReads() throws {
        try checkAnswersAfterTheEndOfFile()
    }

    func testStep3AnswersAsTheReferenceDoes_SendRecv() throws {
        try checkAnswersAsTheReferenceDoes()
    }

    func testStep3AcceptsAgainAfterASignal_SendRecv() throws {
        try checkAcceptsAgainAfterASignal()
    }

    func testStep3TellsTheTrueAddressOfTheClient_SendRecv() throws {
        let server = try startServer()
        try server.expectAccepted(try server.connect(from: "127.0.0.3"), line: 1)
    }

    func testStep3ServesOnThePortThatItIsTold_SendRecv() throws {
        try checkListensOnThePortThatItIsTold()
    }

    func testStep3IsRefusedAPortThatIsTaken_SendRecv() throws {
        try checkRefusesAPortThatIsTaken()
    }

    func testStep3StartsAgainAtOnce_SendRecv() throws {
        try checkStartsAgainAtOnce()
    }

    func testStep3ReportsACallThatFails_SendRecv() throws {
        try checkReportsACallThatFails()
    }

    func testStep3RefusesWrongArguments_SendRecv() throws {
        try checkRefuses(Self.wrongPorts)
    }
}
