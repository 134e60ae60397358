import Course
import Foundation
import ReferenceEcho
import Supervision
import XCTest

/// Stage 9: the client sends its standard input, and shows what comes back, both at once.
final class EchoClientTests: StageTestCase {
    override class var stage: Stage { .echoClient }

    /// Everything else depends on this one.
    func testStep1ALineComesBack() throws {
        let conversation = try startConversation()
        try conversation.expectEcho(of: "hello\n")
    }

    // MARK: - Both directions at once

    func testStep1SendsOnBeforeAnAnswerHasCome() throws {
        let conversation = try startConversation()
        for line in ["one\n", "two\n", "three\n"] {
            try conversation.write(line)
            try conversation.expectArrival(after: "wrote a line, before the one before it was answered")
        }
        try conversation.sendBack()
        try conversation.expectShown(after: "sent three lines back in one piece")
    }

    func testStep1TakesWhatComesWhileItSends() throws {
        let conversation = try startConversation(buffers: .small)
        try conversation.write("one\ntwo\n")
        try conversation.expectArrival(after: "wrote two lines")
        // Nobody takes it at the other end: it goes as far as the buffers on the way hold. What comes back may
        // once make the kernel find room for some more, so it is the second line that tells.
        conversation.writeInBackground(Payload.line(count: 60_000))
        conversation.subject.waitUntilSendBlocks()
        try conversation.sendBack(atMost: 4)
        conversation.subject.waitUntilSendBlocks()
        try conversation.sendBack()
        let did = "sent two lines back that had come, and took none of the 60,000 bytes behind them"
        try conversation.expectShown(after: did)
        let turns = "took and sent back 60,000 bytes, 16,384 at a time"
        try conversation.sendBackInTurns(of: 16_384, after: turns)
        try conversation.expectShown(after: turns)
    }

    func testStep1ShowsAnEchoThatDribblesIn() throws {
        let conversation = try startConversation(faults: [.init(.recv, .every, "short=1")])
        try conversation.write("Grüße, 世界\n")
        try conversation.expectArrival(after: "wrote a line")
        for _ in conversation.input { try conversation.sendBack(atMost: 1) }
        try conversation.expectShown(after: "sent the line back byte by byte")
    }

    func testStep1ReceivesAgainAfterASignal_EchoClient() throws {
        let conversation = try startConversation(faults: .interrupting(.recv) + .interrupting(.poll))
        for line in ["one\n", "two\n", "three\n"] { try conversation.expectEcho(of: line) }
    }

    func testStep1WaitsWithoutBurningProcessorTime_EchoClient() throws {
        let conversation = try startConversation()
        try conversation.expectEcho(of: "hello\n")
        try conversation.subject.expectIdle(while: "neither side sends anything")
        conversation.endInput()
        try conversation.expectEndOfFile(after: "ended its standard input")
        try conversation.subject.expectIdle(while: "its input has ended, and the server has not")
    }

    // MARK: - A server that ends early

    func testStep1TellsThatTheServerEndedEarly() throws {
        for endsInput in [false, true] {
            let conversation = try startConversation()
            try conversation.write("hello\nworld\n")
            if endsInput { conversation.endInput() }
            try conversation.expectArrival(after: "wrote two lines")
            conversation.subject.waitUntilItWaits()
            try conversation.sendBack(atMost: 11)
            try conversation.server.halfClose()
            try conversation.expectEarlyEndIsTold(
                after: "ended the server when 11 of 12 bytes had come back, "
                    + (endsInput ? "after the end of the input" : "before the end of the input")
            )
        }
    }

    func testStep1TellsThatTheServerBrokeOff() throws {
        let conversation = try startConversation()
        try conversation.write("hello\nworld\n")
        try conversation.expectArrival(after: "wrote two lines")
        try conversation.sendBack(atMost: 6)
        try conversation.expectShown(after: "sent the first of two lines back")
        conversation.subject.waitUntilItWaits()
        try conversation.server.reset()
        try conversation.expectEarlyEndIsTold(after: "reset the connection when 6 of 12 bytes had come back")
    }

    /// RST has arrived where the client had FIN before, so that send(2) fails with EPIPE, and raises SIGPIPE.
    /// That the server is gone it does not hear before: recv(2) is held up.
    func testStep2SurvivesAServerThatIsGone() throws {
        let conversation = try startConversation(faults: [.init(.recv, .from(2), "late=60000")])
        let subject = conversation.subject
        try conversation.expectEcho(of: "\n")
        try conversation.server.halfClose()
        try conversation.server.reset()
        try conversation.write("is anybody there?\n")
        _ = subject.program.wait(.milliseconds(300)) { seen in
            seen.ending != nil || seen.calls(.send).contains { $0.result == -1 } ? true : nil
        }
        guard subject.program.waitForEnding(.milliseconds(20)) == .signalled(SIGPIPE) else { return }
        throw subject.failure(
            did: "wrote a line, when the server had closed the connection",
            expected: "send(2) fails, and the program says so",
            saw: subject.whatHappened(),
            cause: subject.causeOfSilence()
        )
    }

    // MARK: - The input

    func testStep2SendsEachLineAsItComes() throws {
        let conversation = try startConversation()
        try conversation.write("one\ntwo\nthree\n")
        try conversation.expectArrival(after: "wrote three lines at once, and did not end the input")
        for line in ["four\n", "\n", "six\n"] {
            try conversation.write(line)
            try conversation.expectArrival(after: "wrote a line, and did not end the input")
        }
    }

    func testStep2SendsALastLineWithoutANewline() throws {
        let conversation = try startConversation()
        try conversation.write("one\ntwo")
        conversation.endInput()
        try conversation.expectEndOfFile(after: "wrote \"one\\ntwo\", and ended the input")
        try conversation.sendBack()
        try conversation.expectOrderlyEnd()
    }

    func testStep2SendsBytesOfEveryValue() throws {
        let conversation = try startConversation()
        for bytes in [Payload.everyByteValue, Payload.invalidUTF8, [0, 0, 10, 0]] {
            try conversation.write(bytes + [UInt8(ascii: "\n")])
            try conversation.expectArrival(after: "wrote bytes of every value, also such as are no text")
            try conversation.sendBack()
            try conversation.expectShown(after: "sent bytes back of every value, also such as are no text")
        }
    }

    func testStep2SendsALineLongerThanItsBuffers() throws {
        let conversation = try startConversation()
        conversation.writeInBackground(Payload.line(count: 20_000))
        let did = "wrote a line of 20,000 bytes"
        try conversation.expectArrival(after: did)
        try conversation.sendBack()
        try conversation.expectShown(after: "sent a line of 20,000 bytes back")
    }

    func testStep2SendsTheRestAfterAShortSend_EchoClient() throws {
        let conversation = try startConversation(faults: [.init(.send, .every, "short=3")])
        try conversation.expectEcho(of: "a line, of which each send(2) takes 3 bytes\n")
    }

    func testStep2SendsAgainAfterASignal_EchoClient() throws {
        let conversation = try startConversation(faults: .interrupting(.send) + .interrupting(.poll))
        for line in ["one\n", "two\n", "three\n"] { try conversation.expectEcho(of: line) }
    }

    // MARK: - Its end

    func testStep2HalfClosesAndTakesTheRest() throws {
        let conversation = try startConversation()
        try conversation.write("one\ntwo\n")
        conversation.endInput()
        try conversation.expectEndOfFile(after: "wrote two lines, and ended the input")
        conversation.subject.waitUntilItWaits()
        try conversation.sendBack()
        try conversation.expectOrderlyEnd()
    }

    func testStep2EndsWhenThereIsNoInput() throws {
        let conversation = try startConversation()
        conversation.endInput()
        try conversation.expectEndOfFile(after: "ended the input before anything was written")
        try conversation.expectOrderlyEnd()
    }

    // MARK: - The prompt

    func testStep3PromptsOnATerminal() throws {
        let conversation = try startConversation(terminal: true)
        try conversation.expectPrompt()
        try conversation.write("hello\n")
        try conversation.expectArrival(after: "typed a line")
        try conversation.sendBack()
        try conversation.expectShownAmongPrompts(after: "typed a line, and sent it back")
    }

    // MARK: - The output

    func testStep4ShowsWhatTheServerSends() throws {
        let conversation = try startConversation()
        try conversation.write("hello\n")
        try conversation.expectArrival(after: "wrote a line")
        try conversation.sendBack(Array("HELLO\n".utf8))
        try conversation.expectShown(after: "sent \"HELLO\" back, to tell it from the input")
    }

    // MARK: - The connection

    func testStep4TriesTheNextAddress_EchoClient() throws {
        let name = try destinations(refusing: ["127.0.0.2"], answering: ["127.0.0.1"])
        let subject = try runClient(of: name)
        try Conversation(subject, accept(subject, from: name.listeners[0], did: name.told))
            .expectEcho(of: "hello\n")
    }

    func testStep4FindsAServerOfIPv6_EchoClient() throws {
        let listener = try listen(on: .loopback6(0))
        let subject = try runClient(of: listener)
        try Conversation(subject, accept(subject, from: listener)).expectEcho(of: "hello\n")
    }

    func testStep4FindsAServiceByItsName_EchoClient() throws {
        let (listener, service) = try listenAsAService()
        let subject = try run(listener.address.host, service)
        let did = "listened on the port of \(service)"
        try Conversation(subject, accept(subject, from: listener, did: did)).expectEcho(of: "hello\n")
    }

    func testStep4GoesOnConnectingAfterASignal_EchoClient() throws {
        let faults: [Recorder.Fault] = [.init(.connect, 1, "EINTR")]
        let conversation = try startConversation(faults: faults + .interrupting(.poll))
        try conversation.expectEcho(of: "hello\n")
    }

    func testStep4TellsWhyThereIsNoConnection_EchoClient() throws {
        let nobody = try PortHolder()
        let did = "started it for a port on which nobody listens"
        try run("127.0.0.1", "\(nobody.port)").expectConnectFails("Connection refused", did: did)
        try run("no-such-host.invalid", "7007", hosts: []).expectLookupFails()
        try run("127.0.0.1", "\(nobody.port)", faults: [.init(.socket, .every, "EMFILE")])
            .expectReport(of: [.socket], "Too many open files", ifFailedBy: "made socket(2) fail")
    }

    func testStep4RefusesWrongArguments_EchoClient() throws {
        try checkRefuses([[], ["127.0.0.1"], ["127.0.0.1", "7007", "7008"]])
    }
}
