import Course
import Foundation
import ReferenceEcho
import Supervision
import XCTest

/// Stage 10: a server that answers lines, in capitals, however they come.
final class CapitaliseTests: StageTestCase {
    override class var stage: Stage { .capitalise }

    override func answer(to bytes: [UInt8]) -> [UInt8] { bytes.inCapitals }

    override func causeOfOtherAnswer(_ received: Received, to bytes: [UInt8], _ seen: Observation) -> String?
    {
        FramingCause(received, to: bytes, seen).text ?? LetterCause(received.bytes, to: bytes).text
    }

    /// Everything else depends on this one.
    func testStep1ALineComesBackInCapitals() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line, \"hello\"")
    }

    // MARK: As echo-server

    func testStep1EndsOnASignalWhileItWaitsForAClient_Capitalise() throws {
        try checkEndsOnASignalWhileItWaitsForAClient()
    }

    func testStep1EndsOnASignalWhileAClientSendsNothing_Capitalise() throws {
        try checkEndsOnASignalWhileAClientSendsNothing()
    }

    func testStep1EndsOnASignalWhileAClientDoesNotRead_Capitalise() throws {
        try checkEndsOnASignalWhileAClientDoesNotRead()
    }

    func testStep1SurvivesAClientThatIsGone_Capitalise() throws {
        try checkNotEndedBySIGPIPE()
    }

    func testStep1ListensOnLoopbackOnly_Capitalise() throws {
        try checkListensOnThePortThatItIsTold()
    }

    func testStep1IsRefusedAPortThatIsTaken_Capitalise() throws {
        try checkRefusesAPortThatIsTaken()
    }

    func testStep1StartsAgainAtOnce_Capitalise() throws {
        try checkStartsAgainAtOnce()
    }

    func testStep1ReportsACallThatFails_Capitalise() throws {
        try checkReportsACallThatFails()
    }

    func testStep1RefusesWrongArguments_Capitalise() throws {
        try checkRefuses(Self.wrongPorts)
    }

    func testStep1ServesOneClientAfterAnother_Capitalise() throws {
        try checkServesOneClientAfterAnother()
    }

    func testStep1ServesAClientThatOnlyLooksIn_Capitalise() throws {
        try checkServesAClientThatOnlyLooksIn()
    }

    func testStep1ServesWhoeverWaitsOnceTheFirstHasGone_Capitalise() throws {
        try checkServesWhoeverWaitsOnceTheFirstHasGone()
    }

    func testStep1TellsTheTrueAddressOfTheClient_Capitalise() throws {
        try checkTellsTheTrueAddressOfTheClient()
    }

    func testStep1SaysClosedOnlyWhenTheConnectionIs_Capitalise() throws {
        try checkSaysClosedOnlyWhenTheConnectionIs()
    }

    func testStep1ClosesEachDescriptorOnce_Capitalise() throws {
        try checkClosesEachDescriptorOnce()
    }

    func testStep1DoesNotCloseAgainAfterASignal_Capitalise() throws {
        try checkDoesNotCloseAgainAfterASignal()
    }

    func testStep1ServesHundredsOfClientsAndLeavesNothingBehind_Capitalise() throws {
        try checkServesHundredsOfClientsAndLeavesNothingBehind()
    }

    func testStep1WaitsForAClientWithoutBurningProcessorTime_Capitalise() throws {
        try startServer().subject.expectIdle(while: "no client has come")
    }

    func testStep1AcceptsAgainAfterASignal_Capitalise() throws {
        try checkAcceptsAgainAfterASignal()
    }

    func testStep1GoesOnWhenAClientHasGivenUp_Capitalise() throws {
        try checkGoesOnAfterAnAcceptThatFails(with: "ECONNABORTED")
    }

    func testStep1GoesOnWhenNoDescriptorIsLeft_Capitalise() throws {
        try checkGoesOnAfterAnAcceptThatFails(with: "EMFILE")
    }

    func testStep1GoesOnAfterAClientThatIsGoneBeforeItIsAccepted_Capitalise() throws {
        try checkGoesOnAfterAClientThatIsGoneBeforeItIsAccepted()
    }

    func testStep2GoesOnAfterAReset_Capitalise() throws {
        try checkGoesOnAfterAReset()
    }

    func testStep2GoesOnAfterAClientThatNeverReads_Capitalise() throws {
        try checkGoesOnAfterAClientThatNeverReads()
    }

    func testStep2WaitsForBytesWithoutBurningProcessorTime_Capitalise() throws {
        try checkWaitsForBytesWithoutBurningProcessorTime()
    }

    func testStep2ReceivesAgainAfterASignal_Capitalise() throws {
        let (server, client) = try checkReceivesAgainAfterASignal()
        try server.expectEndOfFile(client)
    }

    func testStep2AnswersTheEndOfAClientWithItsOwn_Capitalise() throws {
        try checkAnswersAfterTheEndOfFile()
    }

    func testStep3SendsAgainAfterASignal_Capitalise() throws {
        try checkSendsAgainAfterASignal()
    }

    func testStep3SendsTheRestAfterAShortSend_Capitalise() throws {
        try checkSendsTheRestAfterAShortSend()
    }

    func testStep3ServesAClientThatReadsLate_Capitalise() throws {
        // Lines of any length, which the text has not.
        try checkServesAClientThatReadsLate { Payload.pattern(count: $0) }
    }

    // MARK: Lines

    func testStep2AnswersALineThatComesInPieces() throws {
        try checkAnswersALineThatComesInPieces()
    }

    func testStep2AnswersNoLineBeforeItsNewline() throws {
        try checkAnswersNoLineBeforeItsNewline()
    }

    func testStep2AnswersEachLineOfASegment() throws {
        try checkAnswersEachLineOfASegment()
    }

    func testStep2AnswersAWholeLineThoughTheNextHasBegun() throws {
        try checkAnswersAWholeLineThoughTheNextHasBegun()
    }

    func testStep2AnswersTheLastLineWithoutANewline() throws {
        try checkAnswersTheLastLineWithoutANewline()
    }

    func testStep2ForgetsHalfALineWithItsClient() throws {
        try checkForgetsHalfALineWithItsClient()
    }

    func testStep2AnswersLinesCutAtRandom() throws {
        try checkAnswersLinesCutAtRandom()
    }

    func testStep2AnswersTheLongestLine() throws {
        try checkAnswersTheLongestLine()
    }

    func testStep2AnswersTheLongestLineWithoutANewline() throws {
        try checkAnswersTheLongestLineWithoutANewline()
    }

    func testStep2EndsAClientWhoseLineIsTooLong() throws {
        try checkEndsAClient(whoSends: 65_536, newline: true)
    }

    func testStep2EndsAClientWhoseLineDoesNotEnd() throws {
        try checkEndsAClient(whoSends: 65_537, newline: false)
    }

    // MARK: Letters

    func testStep3MakesEveryLetterACapital() throws {
        try checkMakesEveryLetterACapital()
    }

    func testStep3LeavesEveryOtherByteAsItIs() throws {
        try checkLeavesEveryOtherByteAsItIs()
    }
}
