import Course
import Foundation
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 7: an echo server that serves for ever, whatever its clients do, until a signal ends it.
final class EchoServerTests: StageTestCase {
    override class var stage: Stage { .echoServer }

    /// Everything else depends on this one.
    func testStep1EchoesALine_EchoServer() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line, \"hello\"")
    }

    // MARK: Signals

    func testStep1EndsOnASignalWhileItWaitsForAClient() throws {
        try checkEndsOnASignalWhileItWaitsForAClient()
    }

    func testStep1EndsOnASignalWhileAClientSendsNothing() throws {
        try checkEndsOnASignalWhileAClientSendsNothing()
    }

    func testStep1EndsOnASignalWhileAClientDoesNotRead() throws {
        try checkEndsOnASignalWhileAClientDoesNotRead()
    }

    func testStep1SurvivesAClientThatIsGone_EchoServer() throws {
        try checkNotEndedBySIGPIPE()
    }

    // MARK: Where it listens

    func testStep2ListensOnTheAddressThatItIsTold() throws {
        // On 127.0.0.1 the port is taken: who listens there, or on every address, is refused it. On 127.0.0.2 nobody
        // has it: the kernel gives it to nobody by itself.
        let other = try PortHolder(listeningOn: .loopback(try FreePort.reserve()))
        let address = try XCTUnwrap(SocketAddress(host: "127.0.0.2", port: other.port))
        let subject = try run("\(other.port)", "127.0.0.2")
        try subject.expectLine(0, "listening on \(address)") { line in
            Self.causeOfOtherAddress(line, address, subject.seen)
        } silence: {
            Self.causeOfOtherAddress("", address, subject.seen)
        }
        let server = Server(subject: subject, address: address)
        let client = try server.connect()
        try server.expectAccepted(client, line: 1)
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line, to 127.0.0.2")
    }

    private static func causeOfOtherAddress(_ line: String, _ address: SocketAddress, _ seen: Observation)
        -> String?
    {
        guard let bound = seen.calls(.bind).last?.arguments.dropFirst().first else { return nil }
        return bound == "\(address)"
            ? (line.isEmpty ? nil : "bind(2) was called for \(address): the line tells another address")
            : "bind(2) was called for \(bound), not for the ADDRESS and the PORT that the program was given"
    }

    func testStep2ListensOnLoopbackWithoutAnAddress() throws {
        try checkListensOnThePortThatItIsTold()
    }

    /// An ADDRESS that is not of this machine: 192.0.2.1 is nobody's (RFC 5737).
    func testStep2ListensNowhereElseThanItIsTold() throws {
        let subject = try run("0", "192.0.2.1")
        subject.waitForLineOrEnd()
        let lines = subject.seen.outputLines
        if lines.isEmpty, [.exited(1), .exited(64)].contains(subject.seen.ending) { return }
        // Some machines let a socket have any address.
        if subject.seen.ending == nil, lines.first?.hasPrefix("listening on 192.0.2.1:") ?? false,
            try subject.heldSockets().contains(where: { $0.local?.hasPrefix("192.0.2.1:") ?? false })
        {
            return
        }
        throw subject.failure(
            expected: "bind: Cannot assign requested address, on standard error, and exit status 1",
            saw: subject.whatHappened(),
            cause: subject.seen.calls(.bind).count > 1
                ? "bind(2) failed, and another address was bound in place of ADDRESS" : nil
        )
    }

    func testStep2IsRefusedAPortThatIsTaken_EchoServer() throws {
        try checkRefusesAPortThatIsTaken()
    }

    func testStep2StartsAgainAtOnce_EchoServer() throws {
        try checkStartsAgainAtOnce()
    }

    func testStep2ReportsACallThatFails() throws {
        try checkReportsACallThatFails()
    }

    func testStep2RefusesWrongArguments_EchoServer() throws {
        let wrong = Self.wrongPorts.filter { $0.count < 2 }
        try checkRefuses(wrong + [["12abc", "127.0.0.1"], ["7007", "127.0.0.1", "127.0.0.1"]])
    }

    // MARK: One client after another

    func testStep3ServesOneClientAfterAnother_EchoServer() throws {
        try checkServesOneClientAfterAnother()
    }

    func testStep3ServesAClientThatOnlyLooksIn_EchoServer() throws {
        try checkServesAClientThatOnlyLooksIn()
    }

    func testStep3ServesWhoeverWaitsOnceTheFirstHasGone() throws {
        try checkServesWhoeverWaitsOnceTheFirstHasGone()
    }

    func testStep3TellsTheTrueAddressOfTheClient() throws {
        try checkTellsTheTrueAddressOfTheClient()
    }

    func testStep3SaysClosedOnlyWhenTheConnectionIs_EchoServer() throws {
        try checkSaysClosedOnlyWhenTheConnectionIs()
    }

    func testStep3ClosesEachDescriptorOnce_EchoServer() throws {
        try checkClosesEachDescriptorOnce()
    }

    func testStep3DoesNotCloseAgainAfterASignal_EchoServer() throws {
        try checkDoesNotCloseAgainAfterASignal()
    }

    func testStep3ServesHundredsOfClientsAndLeavesNothingBehind() throws {
        try checkServesHundredsOfClientsAndLeavesNothingBehind()
    }

    func testStep3WaitsForAClientWithoutBurningProcessorTime() throws {
        try startServer().subject.expectIdle(while: "no client has come")
    }

    func testStep3AcceptsAgainAfterASignal_EchoServer() throws {
        try checkAcceptsAgainAfterASignal()
    }

    func testStep3GoesOnWhenAClientHasGivenUp() throws {
        try checkGoesOnAfterAnAcceptThatFails(with: "ECONNABORTED")
    }

    func testStep3GoesOnWhenNoDescriptorIsLeft() throws {
        try checkGoesOnAfterAnAcceptThatFails(with: "EMFILE")
    }

    func testStep3GoesOnAfterAClientThatIsGoneBeforeItIsAccepted() throws {
        try checkGoesOnAfterAClientThatIsGoneBeforeItIsAccepted()
    }

    // MARK: In the middle of a client

    func testStep4GoesOnAfterAReset() throws {
        try checkGoesOnAfterAReset()
    }

    func testStep4GoesOnAfterAClientThatVanishes() throws {
        try checkGoesOnAfterAClientThatVanishes()
    }

    func testStep4GoesOnAfterAClientThatNeverReads() throws {
        try checkGoesOnAfterAClientThatNeverReads()
    }

    func testStep4AnswersTheEndOfAClientWithItsOwn_EchoServer() throws {
        try checkAnswersAfterTheEndOfFile()
    }

    func testStep4EchoesBytesOfEveryValue_EchoServer() throws {
        try checkEchoesBytesOfEveryValue()
    }

    func testStep4EchoesAsItComes_EchoServer() throws {
        try checkEchoesAsItComes()
    }

    func testStep4WaitsForBytesWithoutBurningProcessorTime_EchoServer() throws {
        try checkWaitsForBytesWithoutBurningProcessorTime()
    }

    func testStep4ReceivesAgainAfterASignal_EchoServer() throws {
        let (server, client) = try checkReceivesAgainAfterASignal()
        try server.expectEndOfFile(client)
    }

    func testStep4SendsAgainAfterASignal_EchoServer() throws {
        try checkSendsAgainAfterASignal()
    }

    func testStep4SendsTheRestAfterAShortSend_EchoServer() throws {
        try checkSendsTheRestAfterAShortSend()
    }

    func testStep4ServesAClientThatReadsLate_EchoServer() throws {
        try checkServesAClientThatReadsLate()
    }

    func testStep4AnswersAsTheReferenceDoes_EchoServer() throws {
        try checkAnswersAsTheReferenceDoes()
    }
}
