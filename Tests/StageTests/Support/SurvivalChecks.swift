import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// What no client, and no accept(2) that fails, may be to a server that serves for ever: its end.
extension StageTestCase {
    func checkGoesOnAfterAReset() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line")
        try client.reset()
        try server.expectGoesOn(after: client, did: "sent a line, and reset the connection")
    }

    func checkGoesOnAfterAClientThatVanishes() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("half a li".utf8), by: client, "half a line")
        client.close()
        try server.expectGoesOn(after: client, did: "sent half a line, and closed the connection")
    }

    /// A server that waits in send(2) for such a client learns there that it has gone.
    func checkGoesOnAfterAClientThatNeverReads() throws {
        let (server, client) = try startServerWithClient(buffers: .small)
        try server.fillBuffers(by: client)
        try client.reset()
        try server.expectGoesOn(
            after: client,
            did: "sent until no more would go, received nothing, and reset the connection"
        )
    }

    /// While the server is busy with another one.
    func checkGoesOnAfterAClientThatIsGoneBeforeItIsAccepted() throws {
        let (server, first) = try startServerWithClient()
        let second = try server.connect()
        try second.reset()
        first.close()
        try server.expectGoesOn(after: first, did: "reset a connection before it was accepted")
    }

    func checkServesWhoeverWaitsOnceTheFirstHasGone() throws {
        let (server, first) = try startServerWithClient()
        let second = try server.connect()
        try second.send(Array("hello\n".utf8))
        try server.subject.expectIdle(while: "one client sends nothing, and another is in the queue")
        first.close()
        let received = try second.receive(count: 6)
        if received.bytes == answer(to: Array("hello\n".utf8)) { return }
        throw server.subject.failure(
            did: "connected a client that sent nothing, and a second one that sent a line; closed the first",
            expected: "the second is served: its line comes back",
            saw: "\(received)\n\(server.subject.whatHappened())",
            cause: Self.causeOfNeglect(server.subject.seen, received)
        )
    }

    private static func causeOfNeglect(_ seen: Observation, _ received: Received) -> String? {
        return seen.calls(.listen).contains { seen.closes($0.descriptor, in: $0.process) }
            ? "close(2) was called on the listening socket: that drops those who wait in its queue" : nil
    }

    /// Orderly clients, those that reset, and those that only leave, more than fit into a byte: nothing of them is
    /// left over.
    func checkServesHundredsOfClientsAndLeavesNothingBehind() throws {
        let server = try startServer()
        var lines: [String] = []
        for index in 0..<260 {
            let client = try server.connect()
            lines += ["accepted \(client.localAddress)", "closed \(client.localAddress)"]
            let line = [UInt8(ascii: "a") + UInt8(index % 26), UInt8(ascii: "\n")]
            try server.expectEcho(of: line, by: client, "a letter and a newline, as client \(index + 1)")
            if index % 3 == 0 { try server.expectEndOfFile(client) }
            if index % 3 == 1 { try client.reset() }
        }
        try server.expectLines(lines, after: "hundreds of clients")
        try server.expectNoConnections(
            after: "hundreds of clients, every third of which reset its connection"
        )
    }

    /// The first two calls of accept(2) fail with `errno`.
    func checkGoesOnAfterAnAcceptThatFails(with errno: String) throws {
        // One that pauses before it tries again may pause for as long as it likes.
        let faults = [1, 2].map { Recorder.Fault(.accept, .number($0), errno) }
        let server = try startServer(faults: faults + [.init(.sleep, .every, "timeout")])
        let did = "made accept(2) fail with \(errno), twice"
        let clients = try server.expectService(despite: did)
        try server.subject.needsFault(in: [.accept])
        func tellsOfClient(_ line: String) -> Bool {
            clients.contains { line.hasSuffix(" \($0.localAddress)") }
        }
        _ = server.subject.program.wait(Subject.patience) { seen in
            seen.ending != nil || seen.outputLines.contains(where: tellsOfClient) ? true : nil
        }
        let before = server.subject.seen.outputLines.prefix { !tellsOfClient($0) }
        guard let stray = before.dropFirst().first else { return }
        throw server.subject.failure(
            did: did,
            expected: "status lines about clients that there are",
            saw: stray,
            cause: "the line tells of something that has not happened: accept(2) returned -1:"
                + " there is no client to serve, and none to tell of"
        )
    }
}

extension Server {
    /// The connection of `client`, the first, is closed, and the next client is served.
    ///
    /// - Parameter cause: what is known where the program ends instead, and nothing else is.
    func expectGoesOn(after client: ScriptedClient, did: String, orElse cause: String? = nil) throws {
        let closed = "closed \(client.localAddress)"
        _ = subject.program.wait(Subject.patience) { seen in
            seen.ending != nil || seen.repeatsEndOfFile || seen.outputLines.contains(closed) ? true : nil
        }
        if !subject.seen.outputLines.contains(closed) {
            throw subject.failure(
                did: did,
                expected: closed,
                saw: subject.whatHappened(),
                cause: causeOfEnd() ?? (subject.seen.ending == nil ? nil : cause)
            )
        }
        try expectNoConnections(after: "a client that \(did)")
        // Who stays while this is asked: what a server does at the end of the next client comes too late for some
        // runs, and in time for others.
        let next = try expectService(despite: did)
        try withExtendedLifetime(next) {
            try subject.expectNoCloseOfWhatIsClosed()
            try expectNoStrayLine()
            try expectOnce(closed)
        }
    }

    /// A client's connection is closed once, and so is it told.
    private func expectOnce(_ line: String) throws {
        let count = subject.seen.outputLines.count { $0 == line }
        if count == 1 { return }
        throw subject.failure(
            expected: "the line \(line), once",
            saw: "the line \(line), \(count) times",
            cause: "one connection was told as closed in two places"
        )
    }

    /// Standard output has status lines only.
    func expectNoStrayLine() throws {
        let status = /listening on \S+|(accepted|closed) \S+/
        let stray = subject.seen.outputLines.first { $0.wholeMatch(of: status) == nil }
        guard let stray else { return }
        throw subject.failure(
            expected: "on standard output nothing but status lines",
            saw: Subject.quoted(stray),
            cause: "anything else that there is to tell goes to standard error"
        )
    }

    /// Waits until each of `lines` has come.
    func expectLines(_ lines: [String], after event: String) throws {
        let patience = Subject.patience
        _ = subject.program.wait(patience) { seen in
            // Their count is soon told; of a family lines may come twice.
            let areAllThere =
                seen.outputLines.count > lines.count && Set(seen.outputLines).isSuperset(of: lines)
            return areAllThere || seen.ending != nil ? true : nil
        }
        let seen = Set(subject.seen.outputLines)
        guard let missing = lines.first(where: { !seen.contains($0) }) else { return try expectNoStrayLine() }
        throw subject.failure(
            did: "served \(event)",
            expected: "the line \(missing)",
            saw: "no such line among \(subject.seen.outputLines.count)\n\(subject.whatHappened())",
            cause: causeOfEnd()
        )
    }

    /// A client is served. With no descriptor left a server may also have let go of one that it could not
    /// serve: then the next is.
    ///
    /// - Returns: who has connected; the last of them is served, and stays.
    @discardableResult
    func expectService(despite did: String) throws -> [ScriptedClient] {
        let line = Array("hello\n".utf8)
        var received = Received([], .stillOpen)
        var clients: [ScriptedClient] = []
        for _ in 1...3 {
            guard let client = try? connect() else { break }
            clients.append(client)
            received = try client.exchange(line)
            if received.bytes == subject.test.answer(to: line) { return clients }
            if received.ending == .stillOpen { break }
            client.close()
        }
        throw subject.failure(
            did: did,
            expected: "the next client is served: its line comes back",
            saw: (clients.isEmpty ? "no connection" : "\(received)") + "\n\(subject.whatHappened())",
            cause: causeOfEnd()
        )
    }

    /// Why the program ended, or no longer serves.
    private func causeOfEnd() -> String? {
        let seen = subject.seen
        if seen.ending == nil || seen.repeatsEndOfFile {
            return subject.causeOfChildsEnd ?? EndCause(seen, .stillOpen).text ?? subject.causeOfSilence()
        }
        let families: [SocketCall.Family] = [.accept, .recv, .send, .shutdown, .getpeername, .close]
        if let cause = subject.causeOfEndByAccept { return cause }
        guard seen.ending != .signalled(SIGPIPE),
            let last = seen.records.last(where: { families.contains($0.family) && $0.hasReturned })
        else { return subject.causeOfSilence() }
        let reason = last.errno.map { "\(last.name)(2) failed: \(String(cString: strerror($0)))" }
        switch (last.family, reason) {
        case (.accept, let reason?): return Subject.causeOfEnd(by: reason)
        case (.recv, nil) where last.result == 0:
            return "recv(2) returned 0; that is the end of this client, and not of the server"
        case (.close, nil):
            return subject.causeOfTrap
                ?? "the connection was closed, and the program ended: nobody accepts the next client"
        case (_, let reason?): return reason + "; that is the end of this client, and not of the server"
        default: return subject.causeOfSilence()
        }
    }
}
