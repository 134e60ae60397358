import ReferenceEcho
import Sockets
import Supervision

/// What a server is asked for that answers lines: a stream has none, so it has to find them.
extension StageTestCase {
    /// Each byte in a segment of its own, taken before the next one is sent.
    func checkAnswersALineThatComesInPieces() throws {
        let (server, client) = try startServerWithClient()
        let line = Array("pieces\n".utf8)
        for byte in line.dropLast() {
            try client.send([byte])
            server.subject.waitUntilItWaits()
        }
        try client.send(line.suffix(1))
        try server.expectAnswer(to: line, at: client, "a line, one byte at a time")
    }

    func checkAnswersNoLineBeforeItsNewline() throws {
        let (server, client) = try startServerWithClient()
        let start = Array("half a ".utf8)
        try client.send(start)
        try server.expectNoAnswer(at: client, after: "sent \"half a \", and no newline", pending: start)
        try client.send(Array("line\n".utf8))
        let line = Array("half a line\n".utf8)
        try server.expectAnswer(to: line, at: client, "\"half a \", and then \"line\" and a newline")
        try server.expectNoAnswer(at: client, after: "took the answer to a line", pending: line)

        let others = (0...UInt8.max).filter { $0 != UInt8(ascii: "\n") }
        try client.send(others)
        let did = "sent each of the 256 bytes but the newline, 0A"
        try server.expectNoAnswer(at: client, after: did, pending: others)
        try client.send(Array("\n".utf8))
        try server.expectAnswer(
            to: others + [UInt8(ascii: "\n")],
            at: client,
            "a newline after 255 other bytes"
        )
    }

    func checkAnswersEachLineOfASegment() throws {
        let (server, client) = try startServerWithClient()
        let lines = Array("one\ntwo\n\nfour\n\n\n".utf8)
        try client.send(lines)
        try server.expectAnswer(to: lines, at: client, "six lines at once, three of them empty")
    }

    func checkAnswersAWholeLineThoughTheNextHasBegun() throws {
        let (server, client) = try startServerWithClient()
        let (first, second) = (Array("one\n".utf8), Array("two\n".utf8))
        try client.send(first + second.prefix(2))
        try server.expectAnswer(to: first, at: client, "a line, and the start of another, at once")
        try server.expectNoAnswer(
            at: client,
            after: "took the answer to the first line; the second has no newline yet",
            pending: second.prefix(2)
        )
        try client.send(Array(second.dropFirst(2) + first))
        let rest = second + first
        try server.expectAnswer(to: rest, at: client, "the rest of the second line, and a third one, at once")
    }

    func checkAnswersTheLastLineWithoutANewline() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("one\n".utf8), by: client, "a line")
        let last = Array("and the last".utf8)
        try client.send(last)
        // At the end of file it has been taken, or it has not: two cases for a server that looks for newlines.
        server.subject.waitUntilItWaits()
        try client.halfClose()
        try server.expectRest(last, of: client)
    }

    /// What one client has begun is no part of the next one's line.
    func checkForgetsHalfALineWithItsClient() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line")
        try client.send(Array("half a li".utf8))
        server.subject.waitUntilItWaits()
        try client.reset()
        try server.expectClosed(client, line: 2)
        let (next, line) = (try server.connect(), Array("hello\n".utf8))
        let received = try next.exchange(line)
        if received.bytes == answer(to: line) { return }
        let isOfBoth = answer(to: Array("half a lihello\n".utf8)).starts(with: received.bytes)
        throw server.subject.failure(
            did: "sent \"half a li\", reset the connection, and sent a line as the next client",
            expected: describe(answer(to: line)),
            saw: "\(received)\n\(server.subject.whatHappened())",
            cause: isOfBoth && !received.bytes.isEmpty
                ? "what an earlier client had begun was still there: a line belongs to its connection" : nil
        )
    }

    /// Lines of random lengths, sent in pieces of random sizes, each taken before the next is sent.
    func checkAnswersLinesCutAtRandom() throws {
        let (server, client) = try startServerWithClient()
        var generator = SeededGenerator(seed: server.subject.seed)
        var begun: [UInt8] = []
        for _ in 0..<12 {
            let count = Int.random(in: 1...Int.random(in: 2...9000), using: &generator)
            var piece = Payload.pattern(count: count, seed: generator.next())
            if Bool.random(using: &generator) { piece[count - 1] = UInt8(ascii: "\n") }
            try client.send(piece)
            begun += piece
            let due = begun.lastIndex(of: UInt8(ascii: "\n")).map { begun[...$0] } ?? []
            try server.expectAnswer(to: Array(due), at: client, "a piece of \(count) random bytes")
            begun.removeFirst(due.count)
        }
        try client.halfClose()
        try server.expectRest(begun, of: client)
    }
}

// MARK: - The longest line

extension StageTestCase {
    /// Twice, for the limit is that of a line, and not of a connection or of a piece.
    func checkAnswersTheLongestLine() throws {
        let (server, client) = try startServerWithClient()
        let (line, short) = (Payload.line(count: 65_536), Array("hello\n".utf8))
        try client.send(line)
        try server.expectAnswer(
            to: line,
            at: client,
            "a line of 65,536 bytes, its newline included",
            orElse: Self.limit
        )
        // All at once: what stands behind a line in the same segment does not count for it.
        let three = short + line + short + Payload.line(count: 30_000)
        try client.sendAtOnce(three, server)
        let what = "a short line, one of 65,536 bytes, a short one, and one of 30,000"
        try server.expectAnswer(to: three, at: client, what, orElse: Self.limit)
    }

    /// With the newline that its client did not send, it would be of 65,536 bytes.
    func checkAnswersTheLongestLineWithoutANewline() throws {
        let (server, client) = try startServerWithClient()
        let line = Array(Payload.line(count: 65_536).dropLast())
        try client.send(line)
        server.subject.waitUntilItWaits()
        try client.halfClose()
        try server.expectAnswer(
            to: line,
            at: client,
            "65,535 bytes, no newline, and the end of file",
            orElse: Self.limit
        )
    }

    private static var limit: String {
        "a line may have 65,536 bytes, its newline included; of others nothing counts"
    }

    /// A line that is too long, behind one that is not.
    ///
    /// - Parameters:
    ///   - count: how many bytes it has before its newline.
    ///   - newline: whether that comes.
    func checkEndsAClient(whoSends count: Int, newline: Bool) throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line")
        let line = Payload.line(count: count + 1)
        try client.send(newline ? line : line.dropLast())
        var received = try client.receiveUntilEnd()
        while received.ending == .stillOpen, !server.subject.program.isIdle() {
            let more = try client.receiveUntilEnd()
            received = Received(received.bytes + more.bytes, more.ending)
        }
        let did =
            newline
            ? "sent a line of 65,537 bytes, its newline included" : "sent 65,537 bytes, and no newline"
        if received.ending == .stillOpen {
            throw server.subject.failure(
                did: did,
                expected: "its client's connection ends",
                saw: "\(received)\n\(server.subject.whatHappened())",
                cause: !received.bytes.isEmpty
                    ? "a line may have 65,536 bytes, its newline is one of them, and the limit comes before the answer"
                    : server.subject.seen.blockedCall(.recv) != nil
                        ? "it waits for more of a line that is too long by now: no newline can change that"
                        : nil
            )
        }
        // A server may wait for this, so that what it has sent is not lost to a RST.
        client.close()
        try server.expectGoesOn(
            after: client,
            did: did,
            orElse: "a line that is too long is the end of that client, and not of the server"
        )
    }
}

extension Server {
    /// Expects the answer to `bytes`, which have been sent.
    ///
    /// - Parameters:
    ///   - what: how a message calls them.
    ///   - limit: why a connection ends that should not.
    fileprivate func expectAnswer(
        to bytes: [UInt8],
        at client: ScriptedClient,
        _ what: String,
        orElse limit: String? = nil
    ) throws {
        let answer = subject.test.answer(to: bytes)
        var received = try client.receive(count: answer.count)
        // No speed is asked for: a program that still works on it is waited for.
        while received.ending == .stillOpen, received.bytes.count < answer.count, !subject.program.isIdle() {
            let more = try client.receive(count: answer.count - received.bytes.count)
            received = Received(received.bytes + more.bytes, more.ending)
        }
        if received.bytes == answer { return }
        let did = "sent \(what)"
        guard let limit, received.ending != .stillOpen, subject.seen.ending == nil else {
            throw echoFailure(sent: bytes, received, did: did)
        }
        throw subject.failure(did: did, expected: describe(answer), saw: "\(received)", cause: limit)
    }

    private static func causeOfEarlyAnswer(_ came: [UInt8], _ pending: [UInt8]) -> String? {
        guard let last = came.last else { return nil }
        if came.count == pending.count {
            return "what recv(2) returns is no line: it is what has come so far"
        }
        return "the byte \(last) was taken for the end of a line: that is the newline, 10, alone"
    }

    /// Expects that the program, when it has done all that there is to do, has sent nothing.
    ///
    /// - Parameter pending: what it could have answered.
    fileprivate func expectNoAnswer(
        at client: ScriptedClient,
        after did: String,
        pending: some Collection<UInt8>
    ) throws {
        subject.waitUntilItWaits()
        let received = try client.receiveWhatIsThere()
        if received == Received([], .stillOpen) { return }
        let isEarly = subject.test.answer(to: Array(pending)).starts(with: received.bytes)
        throw subject.failure(
            did: did,
            expected: "no answer yet: a line ends with its newline",
            saw: "\(received)",
            cause: isEarly ? Self.causeOfEarlyAnswer(received.bytes, Array(pending)) : nil
        )
    }
}
