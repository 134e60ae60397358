import Course
import Foundation
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 6: each connection ends in an orderly way, and the next client is served.
final class CloseTests: StageTestCase {
    override class var stage: Stage { .close }

    /// Everything else depends on this one.
    func testStep1AnswersTheEndOfAClientWithItsOwn() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line, \"hello\"")
        try server.expectEndOfFile(client)
    }

    func testStep2EndsAConnectionWithoutAReset() throws {
        try checkAnswersAfterTheEndOfFile()
    }

    func testStep3SaysClosedOnlyWhenTheConnectionIs() throws {
        try checkSaysClosedOnlyWhenTheConnectionIs()
    }

    func testStep3LeavesNoSocketOfAClientBehind() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEndOfFile(client)
        try server.expectClosed(client, line: 2)
        try server.expectNoConnections(after: "one client")
    }

    func testStep3ClosesEachDescriptorOnce() throws {
        try checkClosesEachDescriptorOnce()
    }

    func testStep3DoesNotCloseAgainAfterASignal() throws {
        try checkDoesNotCloseAgainAfterASignal()
    }

    func testStep1ServesOneClientAfterAnother() throws {
        try checkServesOneClientAfterAnother()
    }

    func testStep3ReceivesAgainAfterASignal_Close() throws {
        let (server, client) = try checkReceivesAgainAfterASignal()
        try server.expectEndOfFile(client)
    }

    func testStep3SendsTheRestAfterAShortSend_Close() throws {
        try checkSendsTheRestAfterAShortSend()
    }

    func testStep3SendsAgainAfterASignal_Close() throws {
        try checkSendsAgainAfterASignal()
    }

    func testStep3ServesAHundredClientsAndLeavesNothingBehind() throws {
        let server = try startServer()
        for index in 0..<100 {
            let client = try server.connect()
            try server.expectEcho(of: [UInt8(index)], by: client, "a byte, as client \(index + 1)")
            try server.expectEndOfFile(client)
            try server.expectClosed(client, line: 2 + 2 * index)
        }
        try server.expectNoConnections(after: "a hundred clients")
    }

    func testStep1ServesAClientThatOnlyLooksIn() throws {
        try checkServesAClientThatOnlyLooksIn()
    }

    func testStep1ServesWhoeverWaitsOnceTheFirstHasGone_Close() throws {
        try checkServesWhoeverWaitsOnceTheFirstHasGone()
    }

    func testStep1ReportsAnAcceptThatFails_Close() throws {
        try checkReportsAnAcceptThatFails()
    }

    func testStep1ReportsAnEchoThatFails() throws {
        for family in [SocketCall.Family.recv, .send] { try checkReportsAnEchoThatFails(in: family) }
    }

    func testStep3ReportsAnEndThatFails() throws {
        for family in [SocketCall.Family.shutdown, .close] { try checkReportsAnEndThatFails(in: family) }
    }

    func testStep3ServesAClientThatReadsLate_Close() throws {
        try checkServesAClientThatReadsLate()
    }

    func testStep3SurvivesAClientThatIsGone_Close() throws {
        try checkNotEndedBySIGPIPE()
    }

    func testStep3EchoesBytesOfEveryValue_Close() throws {
        try checkEchoesBytesOfEveryValue()
    }

    func testStep3EchoesAsItComes_Close() throws {
        try checkEchoesAsItComes()
    }

    func testStep3AnswersAsTheReferenceDoes_Close() throws {
        try checkAnswersAsTheReferenceDoes()
    }

    func testStep3AcceptsAgainAfterASignal_Close() throws {
        try checkAcceptsAgainAfterASignal()
    }

    func testStep3TellsTheTrueAddressOfTheClient_Close() throws {
        try checkTellsTheTrueAddressOfTheClient()
    }

    func testStep3ServesOnThePortThatItIsTold_Close() throws {
        try checkListensOnThePortThatItIsTold()
    }

    func testStep3IsRefusedAPortThatIsTaken_Close() throws {
        try checkRefusesAPortThatIsTaken()
    }

    func testStep3StartsAgainAtOnce_Close() throws {
        try checkStartsAgainAtOnce()
    }

    func testStep3ReportsACallThatFails_Close() throws {
        try checkReportsACallThatFails()
    }

    func testStep3RefusesWrongArguments_Close() throws {
        try checkRefuses(Self.wrongPorts)
    }
}
