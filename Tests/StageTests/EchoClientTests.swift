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
        let session = try startSession()
        try session.expectEcho(of: "hello\n")
        // The line itself, shown beside its echo, may look like it for a moment.
        session.subject.waitUntilItWaits()
        try session.expectShown(after: "sent the line back, and nothing else")
    }

    // MARK: - Both directions at once

    func testStep1SendsOnBeforeAnAnswerHasCome() throws {
        let session = try startSession()
        for line in ["one\n", "two\n", "three\n"] {
            try session.write(line)
            try session.expectArrival(after: "wrote a line, before the one before it was answered")
        }
        try session.sendBack()
        try session.expectShown(after: "sent three lines back in one piece")
    }

    func testStep1TakesWhatComesWhileItSends() throws {
        let session = try startSession(buffers: .small)
        try session.write("one\ntwo\n")
        try session.expectArrival(after: "wrote two lines")
        // What comes back may once make the kernel find room for some more: it is the second line that tells.
        session.fillBuffers()
        try session.sendBack(atMost: 4)
        session.subject.waitUntilItWaits()
        try session.sendBack()
        let did = "sent two lines back that had come, and took none of what it wrote behind them"
        try session.expectShown(after: did)
        let turns = "took and sent back what was written, two times 16,384 bytes of it"
        try session.sendBackInTurns(of: 16_384, 32_768, after: turns)
        try session.expectShown(after: turns)
    }

    func testStep1ShowsAnEchoThatDribblesIn() throws {
        let session = try startSession(faults: [.init(.recv, .every, "short=1")])
        try session.write("Grüße, 世界\n")
        try session.expectArrival(after: "wrote a line")
        for _ in session.input { try session.sendBack(atMost: 1) }
        try session.expectShown(after: "sent the line back byte by byte")
    }

    func testStep1ShowsWhatComesUnasked() throws {
        let session = try startSession()
        try session.sendBack(Array("welcome\n".utf8))
        try session.expectShown(after: "sent it a line before it had any input")
    }

    func testStep1ReceivesAgainAfterASignal_EchoClient() throws {
        let session = try startSession(faults: .interrupting(.recv) + .interrupting(.poll))
        for line in ["one\n", "two\n", "three\n"] { try session.expectEcho(of: line) }
    }

    func testStep1WaitsWithoutBurningProcessorTime_EchoClient() throws {
        // One whose calls give up after some time finds that time over, and goes on waiting.
        let session = try startSession(faults: [.init(.recv, 1, "timeout"), .init(.recv, 3, "timeout")])
        try session.expectEcho(of: "hello\n")
        try session.subject.expectIdle(while: "neither side sends anything")
        session.endInput()
        try session.expectEndOfFile(after: "ended its standard input")
        try session.subject.expectIdle(while: "its input has ended, and the server has not")
    }

    // MARK: - A server that ends early

    func testStep1TellsThatTheServerEndedEarly() throws {
        for endsInput in [false, true] {
            let session = try startSession()
            // What is missing is a newline, or no newline.
            try session.write(endsInput ? "hello\nworlds" : "hello\nworld\n")
            if endsInput { session.endInput() }
            try session.expectArrival(after: "wrote two lines")
            session.subject.waitUntilItWaits()
            try session.sendBack(atMost: 11)
            try session.server.halfClose()
            try session.expectEarlyEndIsTold(
                after: "ended the server when 11 of 12 bytes had come back, "
                    + (endsInput ? "after the end of the input" : "before the end of the input")
            )
        }
    }

    func testStep1TellsThatTheServerBrokeOff() throws {
        let session = try startSession()
        try session.write("hello\nworld\n")
        try session.expectArrival(after: "wrote two lines")
        try session.sendBack(atMost: 6)
        try session.expectShown(after: "sent the first of two lines back")
        session.subject.waitUntilItWaits()
        try session.server.reset()
        try session.expectEarlyEndIsTold(after: "reset the connection when 6 of 12 bytes had come back")
    }

    /// RST has arrived where the client had FIN before, so that send(2) fails with EPIPE, and raises SIGPIPE.
    func testStep2SurvivesAServerThatIsGone() throws {
        try checkSurvivesAServerThatIsGoneWhileItReceives()
        try checkSurvivesAServerThatIsGoneWhenItLooks()
    }

    /// That the server is gone it does not hear before: recv(2) is held up, and so is all of a program with one
    /// thread.
    private func checkSurvivesAServerThatIsGoneWhileItReceives() throws {
        let session = try startSession(faults: [.init(.recv, .from(2), "late=60000")])
        let subject = session.subject
        try session.write("\n")
        try session.expectArrival(after: "wrote an empty line, and did not end the input")
        try session.sendBack()
        // Held up in its next recv(2), the program learns only by send(2) that the server is gone. So it may not
        // have shown the line yet either: one that receives all that is there first has not.
        subject.waitUnlessHopeless { !$0.calls(.recv).isEmpty }
        try session.server.halfClose()
        try session.server.reset()
        // One that heard of it in another way may have ended by now.
        try? session.write("is anybody there?\n")
        _ = subject.program.wait(.milliseconds(300)) { seen in
            seen.ending != nil || seen.calls(.send).contains { $0.result == -1 } ? true : nil
        }
        try expectNotEndedBySIGPIPE(subject)
    }

    /// Stopped, it finds all of it at once: the server's end, and a line to send.
    private func checkSurvivesAServerThatIsGoneWhenItLooks() throws {
        let session = try startSession()
        try session.expectEcho(of: "hello\n")
        session.subject.stop()
        try session.server.halfClose()
        try session.server.reset()
        try session.write("is anybody there?\n")
        session.subject.resume()
        session.subject.waitUntilItWaits()
        try expectNotEndedBySIGPIPE(session.subject)
    }

    private func expectNotEndedBySIGPIPE(_ subject: Subject) throws {
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
        let session = try startSession()
        try session.write("one\ntwo\nthree\n")
        try session.expectArrival(after: "wrote three lines at once, and did not end the input")
        for line in ["four", ""] + Self.partingWords {
            try session.write(line + "\n")
            try session.expectArrival(after: "wrote a line, and did not end the input")
        }
    }

    func testStep2SendsALastLineWithoutANewline() throws {
        let session = try startSession()
        try session.write("one\ntwo")
        session.endInput()
        try session.expectEndOfFile(after: "wrote \"one\\ntwo\", and ended the input")
        try session.sendBack()
        try session.expectOrderlyEnd()
    }

    func testStep2SendsBytesOfEveryValue() throws {
        let session = try startSession()
        for bytes in [Payload.everyByteValue, Payload.invalidUTF8, [0, 0, 10, 0]] {
            // In front of it a letter: where only that comes, it was cut off at the zero byte.
            try session.write([UInt8(ascii: "a")] + bytes + [UInt8(ascii: "\n")])
            try session.expectArrival(after: "wrote bytes of every value, also such as are no text")
            try session.sendBack()
            try session.expectShown(after: "sent bytes back of every value, also such as are no text")
        }
    }

    func testStep2SendsALineLongerThanItsBuffers() throws {
        let session = try startSession()
        session.writeInBackground(Payload.line(count: 150_000))
        let did = "wrote a line of 150,000 bytes"
        try session.expectArrival(after: did)
        try session.sendBack()
        try session.expectShown(after: "sent a line of 150,000 bytes back")
    }

    func testStep2SendsTheRestAfterAShortSend_EchoClient() throws {
        let session = try startSession(faults: [.init(.send, .every, "short=3")])
        try session.expectEcho(of: "a line, of which each send(2) takes 3 bytes\n")
    }

    func testStep2SendsAgainAfterASignal_EchoClient() throws {
        let session = try startSession(faults: .interrupting(.send) + .interrupting(.poll))
        for line in ["one\n", "two\n", "three\n"] { try session.expectEcho(of: line) }
        // errno still says EINTR, though read(2) has not failed.
        session.endInput()
        try session.expectEndOfFile(after: "ended the input, after signals had interrupted send(2)")
    }

    // MARK: - Its end

    func testStep2HalfClosesAndTakesTheRest() throws {
        // However long a program sleeps until what comes back may be there: that time is over, and it is not.
        let session = try startSession(faults: [.init(.sleep, .every, "timeout")])
        try session.write("one\ntwo\n")
        session.endInput()
        try session.expectEndOfFile(after: "wrote two lines, and ended the input")
        session.subject.waitUntilItWaits()
        try session.sendBack(atMost: 3)
        session.subject.waitUntilItWaits()
        try session.sendBack()
        try session.expectOrderlyEnd()
    }

    func testStep2TakesItsInputFromAFile() throws {
        let content = Array("one\ntwo\n".utf8)
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(content).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let listener = try Listener(log: peers)
        let subject = try run(listener.address.host, "\(listener.port)", input: .file(file.path))
        let did = "gave it a file of two lines as standard input"
        let session = ClientSession(subject, try accept(subject, from: listener, did: did), file: content)
        try session.expectEndOfFile(after: did)
        try session.sendBack()
        try session.expectOrderlyEnd()
    }

    func testStep2TakesWhatComesBeyondTheEcho() throws {
        let session = try startSession()
        try session.write("one\n")
        session.endInput()
        try session.expectEndOfFile(after: "wrote a line, and ended the input")
        try session.sendBack()
        try session.expectShown(after: "sent the line back, and did not end the connection")
        session.subject.waitUntilItWaits()
        try session.sendBack(Array("and goodbye\n".utf8))
        try session.expectOrderlyEnd()
    }

    func testStep2SendsAllBeforeItHalfCloses() throws {
        let session = try startSession(buffers: .small)
        session.fillBuffers()
        try session.subject.expectIdleOnceAllIsMoved(
            while: "there is more to send, and the server takes nothing"
        )
        session.endInputBehindWhatIsWritten()
        session.subject.waitUntilItWaits()
        try session.expectEndOfFile(after: "took nothing before standard input had ended, and then all of it")
    }

    func testStep2EndsWhenThereIsNoInput() throws {
        let session = try startSession()
        session.endInput()
        try session.expectEndOfFile(after: "ended the input before anything was written")
        try session.expectOrderlyEnd()
    }

    // MARK: - The prompt

    func testStep3PromptsOnATerminal() throws {
        let session = try startSession(terminal: true)
        try session.expectPrompt()
        try session.write("hello\n")
        try session.expectArrival(after: "typed a line")
        try session.sendBack()
        try session.expectShownAmongPrompts(after: "typed a line, and sent it back")
    }

    // MARK: - The output

    func testStep4ShowsWhatTheServerSends() throws {
        let session = try startSession()
        try session.write("hello\n")
        try session.expectArrival(after: "wrote a line")
        try session.sendBack(Array("HELLO\n".utf8))
        try session.expectShown(after: "sent \"HELLO\" back, to tell it from the input")
    }

    // MARK: - The connection

    func testStep4TriesTheNextAddress_EchoClient() throws {
        let name = try destinations(refusing: ["127.0.0.2"], answering: ["127.0.0.1"])
        let subject = try runClient(of: name)
        try ClientSession(subject, accept(subject, from: name.listeners[0], did: name.told))
            .expectEcho(of: "hello\n")
    }

    func testStep4FindsAServerOfIPv6_EchoClient() throws {
        let listener = try listen(on: .loopback6(0))
        let subject = try runClient(of: listener)
        try ClientSession(subject, accept(subject, from: listener)).expectEcho(of: "hello\n")
    }

    func testStep4FindsAServiceByItsName_EchoClient() throws {
        let (listener, service) = try listenAsAService()
        let subject = try run(listener.address.host, service)
        let did = "listened on the port of \(service)"
        try ClientSession(subject, accept(subject, from: listener, did: did)).expectEcho(of: "hello\n")
    }

    func testStep4GoesOnConnectingAfterASignal_EchoClient() throws {
        let faults: [Recorder.Fault] = [.init(.connect, 1, "EINTR")]
        let session = try startSession(faults: faults + .interrupting(.poll))
        try session.expectEcho(of: "hello\n")
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
