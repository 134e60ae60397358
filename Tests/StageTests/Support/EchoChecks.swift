import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// What every server is asked for that sends back what it receives.
extension StageTestCase {
    /// Starts the stage's server, and connects a client that it accepts.
    func startServerWithClient(
        faults: [Recorder.Fault] = [],
        buffers: ScriptedClient.Buffers = .asEver
    ) throws -> (Server, ScriptedClient) {
        let server = try startServer(faults: faults)
        let client = try server.connect(buffers: buffers)
        try server.expectAccepted(client, line: 1)
        // What the client does decides, not standard input.
        server.subject.program.closeInput()
        return (server, client)
    }

    /// A client that sends more than the buffers on the way hold, and reads only then.
    ///
    /// - Parameter payload: makes so many bytes.
    func checkServesAClientThatReadsLate(
        _ payload: (_ count: Int) -> [UInt8] = { Payload.text(count: $0) }
    ) throws {
        // A number that no buffer has: a program may do otherwise where the last piece fills its own, and whether
        // that happens would be a matter of luck.
        let bytes = payload(1_048_583)
        let (server, client) = try startServerWithClient(buffers: .small)
        let count = try client.sendAsFarAsItGoes(bytes, quiet: .milliseconds(20))
        try server.subject.expectIdleOnceAllIsMoved(while: "a client sends no more, and reads nothing")
        try client.halfClose()
        try server.expectRest(Array(bytes.prefix(count)), of: client)
    }

    /// A client that is gone when its echo is sent: RST has arrived where the server had FIN before, so that
    /// send(2) fails with EPIPE, and raises SIGPIPE.
    func checkNotEndedBySIGPIPE() throws {
        let (server, client) = try startServerWithClient()
        let program = server.subject.program
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line")
        // Stopped, the program finds all of it at once: the bytes, the end of file, and the reset.
        server.subject.stop()
        try client.send(Array("and goodbye\n".utf8))
        try client.halfClose()
        try client.reset()
        server.subject.resume()
        _ = program.wait(Subject.patience) { seen in
            let hasFailed = seen.calls(.send).contains { $0.result == -1 }
            let hasClosed = seen.outputLines.count > 2
            return seen.ending != nil || hasFailed || hasClosed ? true : nil
        }
        guard program.observed.ending == .signalled(SIGPIPE) else { return }
        throw server.subject.failure(
            did: "sent a line, and closed the connection before its echo was sent",
            expected: "send(2) fails, and the program goes on from there",
            saw: server.subject.whatHappened(),
            cause: server.subject.causeOfSilence()
        )
    }

    /// A client that sends, half-closes, and reads only then: its end of file is there before its bytes are
    /// received.
    func checkAnswersAfterTheEndOfFile() throws {
        let (server, client) = try startServerWithClient()
        let bytes = Payload.text(count: 50_000)
        server.subject.stop()
        try client.sendWithoutTaking(bytes, server)
        try client.halfClose()
        server.subject.resume()
        try server.expectRest(bytes, of: client)
    }

    /// Calls of recv(2) that signals interrupt, the first and later ones.
    func checkReceivesAgainAfterASignal() throws -> (Server, ScriptedClient) {
        let (server, client) = try startServerWithClient(faults: .interrupting(.recv) + .interrupting(.poll))
        for line in ["one\n", "two\n", "three\n"] {
            try server.expectEcho(of: Array(line.utf8), by: client, "a line, while signals interrupt recv(2)")
        }
        try server.subject.needsFault(in: [.recv, .poll])
        return (server, client)
    }

    /// Calls of send(2) that take less than they were given, and one in the middle that a signal interrupts.
    func checkSendsTheRestAfterAShortSend() throws {
        let (server, client) = try startServerWithClient(faults: [
            .init(.send, .every, "short=3"), .init(.send, .number(20), "EINTR"),
        ])
        try server.expectEcho(
            of: Payload.line(count: 100),
            by: client,
            "100 bytes, of which each send(2) takes 3"
        )
        try server.subject.needsFault(in: [.send])
        // Whoever sends from the right place, but too much, sends what was never received.
        try server.expectEndOfFile(client)
    }

    /// Calls of send(2) that signals interrupt, the first and later ones.
    func checkSendsAgainAfterASignal() throws {
        let (server, client) = try startServerWithClient(faults: .interrupting(.send))
        for line in ["one\n", "two\n", "three\n"] {
            try server.expectEcho(of: Array(line.utf8), by: client, "a line, while signals interrupt send(2)")
        }
        try server.subject.needsFault(in: [.send])
    }

    /// A client that has gone quiet.
    func checkWaitsForBytesWithoutBurningProcessorTime() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line")
        try server.subject.expectIdle(while: "the client sends nothing")
    }

    /// Bytes that are no text, and alone those that mean the end elsewhere, of a string, of what is typed, and, to
    /// who keeps a byte in a signed one, of a file; or nothing, where the ends of lines are trimmed.
    func checkEchoesBytesOfEveryValue() throws {
        let (server, client) = try startServerWithClient()
        let values = Payload.everyByteValue
        try server.expectEcho(
            of: Array(values[128...] + values[..<128]),
            by: client,
            "each of the 256 byte values, from 128 up, then from 0 up"
        )
        try server.expectEcho(of: Payload.invalidUTF8, by: client, "bytes that are not UTF-8")
        for byte: UInt8 in [0, 3, 4, 9, 10, 13, 26, 32, 127, 255] {
            try server.expectEcho(of: [byte], by: client, "one byte, of value \(byte)")
        }
        try server.expectAnswerToPartingWords(by: client)
        try server.expectEcho(of: Array("\n".utf8), by: client, "an empty line")
    }

    /// Each byte comes back before the next one is sent. And much at once, of a size that is a multiple of many
    /// a buffer's: who takes a full one for a sign that more is there waits in vain. A program that has its calls
    /// give up after some time finds that time over now and then, and goes on.
    func checkEchoesAsItComes() throws {
        let faults = [SocketCall.Family.accept, .recv, .send].flatMap { family in
            [1, 3].map { Recorder.Fault(family, .number($0), "timeout") }
        }
        let (server, client) = try startServerWithClient(faults: faults)
        for byte in "a line in pieces\n".utf8 {
            try server.expectEcho(of: [byte], by: client, "one byte, and no newline yet")
        }
        for count in [32_768, 10_000] {
            let bytes = Payload.text(count: count)
            try client.sendAtOnce(bytes, server)
            let received = try client.receive(count: count)
            if received.bytes == bytes { continue }
            let did = "sent \(count) bytes, and no end of file"
            throw server.echoFailure(sent: bytes, received, did: did)
        }
    }

    /// The same script, of random sizes and pauses, against the program and the reference server.
    func checkAnswersAsTheReferenceDoes() throws {
        let server = try startServer()
        let seed = server.subject.seed
        let script = Script.random(seed: seed)
        let reference = try EchoServer.start()
        defer { reference.stop() }
        let expected = try script.play(to: reference.address)
        let seen: Transcript
        do {
            seen = try script.play(to: server.address, patience: Subject.patience, log: peers)
        } catch {
            // Where nobody listens, that is what there is to tell.
            _ = try server.connect()
            throw error
        }
        guard let difference = seen.firstDifference(from: expected) else { return }
        throw server.subject.failure(
            did:
                "played a random conversation; to see it: swift run reference-client 127.0.0.1 PORT --seed \(seed)",
            expected: "the conversation that the reference server has",
            saw: difference,
            cause: EchoCause(server.subject.seen, sent: expected.receivedBytes, received: seen.receivedBytes)
                .text
        )
    }
}

extension StageTestCase {
    /// What ends other programs when it is typed.
    static let partingWords = ["quit", "QUIT", "exit", "bye", "q", "."]
}

extension Server {
    /// Words that end other programs are lines as any to a server.
    func expectAnswerToPartingWords(by client: ScriptedClient) throws {
        for word in StageTestCase.partingWords {
            let what = "the line \(word.debugDescription), which means nothing to this server"
            try expectEcho(of: Array("\(word)\n".utf8), by: client, what)
        }
    }
}

extension ScriptedClient {
    /// Sends all of `bytes` while the server is stopped: it finds them in one piece, as far as its buffers go.
    func sendAtOnce(_ bytes: [UInt8], _ server: Server) throws {
        server.subject.stop()
        try sendWithoutTaking(bytes, server)
        server.subject.resume()
    }

    /// Sends all of `bytes` before it takes anything back. They have to be few enough for the buffers on the
    /// way.
    func sendWithoutTaking(_ bytes: [UInt8], _ server: Server) throws {
        let count = try sendAsFarAsItGoes(bytes, quiet: Subject.patience)
        if count == bytes.count { return }
        throw server.subject.failure(
            did: "sent \(bytes.count) bytes",
            expected: "the server receives them",
            saw: "after \(count) no more would go\n\(server.subject.whatHappened())"
        )
    }
}
