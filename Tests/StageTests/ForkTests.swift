import Course
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 11: an echo server with a process for each client.
final class ForkTests: StageTestCase {
    override class var stage: Stage { .fork }

    /// What goes on without its parent is to be seen.
    override var lingering: Duration { .seconds(60) }

    /// Everything else depends on this one.
    func testStep1EchoesALine_Fork() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line, \"hello\"")
    }

    // MARK: Children that end

    func testStep1LeavesNothingOfHundredsOfClients() throws {
        try checkLeavesNothingOfHundredsOfClients()
    }

    func testStep1GoesOnWhileOtherChildrenLive() throws {
        try checkGoesOnWhenAChildEnds()
    }

    func testStep1ReapsChildrenThatEndAtTheSameTime() throws {
        try checkReapsChildrenThatEndTogether()
    }

    // MARK: Before the first client

    func testStep2EndsOnASignalWhileItWaitsForAClient_Fork() throws {
        try checkEndsOnASignalWhileItWaitsForAClient()
    }

    func testStep2ListensOnLoopback_Fork() throws {
        try checkListensOnThePortThatItIsTold()
    }

    func testStep2IsRefusedAPortThatIsTaken_Fork() throws {
        try checkRefusesAPortThatIsTaken()
    }

    func testStep2StartsAgainAtOnce_Fork() throws {
        try checkStartsAgainAtOnce()
    }

    func testStep2ReportsACallThatFails_Fork() throws {
        try checkReportsACallThatFails()
    }

    func testStep2RefusesWrongArguments_Fork() throws {
        try checkRefuses(Self.wrongPorts)
    }

    // MARK: The parent

    func testStep3ServesOneClientAfterAnother_Fork() throws {
        try checkServesOneClientAfterAnother()
    }

    func testStep3ServesAClientThatOnlyLooksIn_Fork() throws {
        try checkServesAClientThatOnlyLooksIn()
    }

    func testStep3TellsTheTrueAddressOfTheClient_Fork() throws {
        try checkTellsTheTrueAddressOfTheClient()
    }

    func testStep3WaitsForAClientWithoutBurningProcessorTime_Fork() throws {
        try startServer().subject.expectIdle(while: "no client has come")
    }

    func testStep3AcceptsAgainAfterASignal_Fork() throws {
        try checkAcceptsAgainAfterASignal()
    }

    func testStep3GoesOnWhenAClientHasGivenUp_Fork() throws {
        try checkGoesOnAfterAnAcceptThatFails(with: "ECONNABORTED")
    }

    func testStep3GoesOnWhenNoDescriptorIsLeft_Fork() throws {
        try checkGoesOnAfterAnAcceptThatFails(with: "EMFILE")
    }

    func testStep3GoesOnAfterAClientThatIsGoneBeforeItIsAccepted_Fork() throws {
        try checkGoesOnAfterAClientThatIsGoneByThen()
    }

    func testStep3LosesOneClientWhenForkFails() throws {
        try checkLosesOneClientWhenForkFails()
    }

    func testStep3HoldsNoConnectionInTheParent() throws {
        try checkParentHoldsNoConnection()
    }

    func testStep3ClosesEachDescriptorOnce_Fork() throws {
        try checkClosesEachDescriptorOnce()
    }

    func testStep3DoesNotCloseAgainAfterASignal_Fork() throws {
        try checkDoesNotCloseAgainAfterASignal()
    }

    func testStep3PrintsEachLineOnce() throws {
        try checkPrintsEachLineOnce()
    }

    // MARK: The children

    func testStep4ServesEachClientInAProcessOfItsOwn() throws {
        try checkServesEachClientInAProcessOfItsOwn()
    }

    func testStep4ServesManyClientsAtTheSameTime() throws {
        try checkServesManyAtTheSameTime()
    }

    func testStep4HoldsUpNobodyForAClientThatDoesNotRead() throws {
        try checkHoldsUpNobodyForAClientThatDoesNotRead()
    }

    func testStep4HoldsTheListeningSocketInNoChild() throws {
        try checkNoChildHoldsTheListeningSocket()
    }

    // MARK: A child and its client

    func testStep5SaysClosedOnlyWhenTheConnectionIs_Fork() throws {
        try checkSaysClosedOnlyWhenTheConnectionIs()
    }

    func testStep5SurvivesAClientThatIsGone_Fork() throws {
        try checkSaysClosedOfAClientThatIsGone()
    }

    func testStep5GoesOnAfterAReset_Fork() throws {
        try checkGoesOnAfterAReset()
    }

    func testStep5GoesOnAfterAClientThatVanishes_Fork() throws {
        try checkGoesOnAfterAClientThatVanishes()
    }

    func testStep5GoesOnAfterAClientThatNeverReads_Fork() throws {
        try checkGoesOnAfterAClientThatNeverReads()
    }

    func testStep5AnswersTheEndOfAClientWithItsOwn_Fork() throws {
        try checkAnswersAfterTheEndOfFile()
    }

    func testStep5EchoesBytesOfEveryValue_Fork() throws {
        try checkEchoesBytesOfEveryValue()
    }

    func testStep5EchoesAsItComes_Fork() throws {
        try checkEchoesAsItComes()
    }

    func testStep5WaitsForBytesWithoutBurningProcessorTime_Fork() throws {
        try checkWaitsForBytesWithoutBurningProcessorTime()
    }

    func testStep5ReceivesAgainAfterASignal_Fork() throws {
        let (server, client) = try checkReceivesAgainAfterASignal()
        try server.expectEndOfFile(client)
    }

    func testStep5SendsAgainAfterASignal_Fork() throws {
        try checkSendsAgainAfterASignal()
    }

    func testStep5SendsTheRestAfterAShortSend_Fork() throws {
        try checkSendsTheRestAfterAShortSend()
    }

    func testStep5ServesAClientThatReadsLate_Fork() throws {
        try checkServesAClientThatReadsLate()
    }

    func testStep5AnswersAsTheReferenceDoes_Fork() throws {
        try checkAnswersAsTheReferenceDoes()
    }

    // MARK: The end of the family

    func testStep6EndsOnASignalInTheMiddleOfItsClients() throws {
        try checkEndsOnASignalInTheMiddleOfItsClients()
    }

    func testStep6EndsWithItsChildren() throws {
        try checkEndsWithItsChildren()
    }
}
