import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// What a server is asked for that calls fork(2): where that fails, where lines are in a buffer, and where its
/// client is gone.
extension StageTestCase {
    /// Of a process that is copied, what it has not yet written is copied, too.
    func checkPrintsEachLineOnce() throws {
        let server = try startServer()
        let before = server.processesAtRest()
        let clients = try server.connectClients(3)
        for client in clients { try server.expectEndOfFile(client) }
        let lines = clients.flatMap { ["accepted \($0.localAddress)", "closed \($0.localAddress)"] }
        try server.expectLines(lines, after: "\(clients.count) clients")
        try server.expectAlone(as: before, after: "served \(clients.count) clients")
        // Whatever is in a buffer still comes when the program ends.
        server.subject.program.signal(SIGTERM)
        _ = server.subject.program.wait(Subject.patience) { $0.isOver ? true : nil }
        let seen = server.subject.seen.outputLines
        let expected = ["listening on \(server.address)"] + lines
        let more = seen.filter { line in seen.filter { $0 == line }.count > 1 || !expected.contains(line) }
        let isInOrder = clients.allSatisfy { client in
            let own = seen.filter { $0.hasSuffix(" \(client.localAddress)") }
            return own.first?.hasPrefix("accepted") ?? false
        }
        if more.isEmpty, isInOrder { return }
        throw server.subject.failure(
            did: "served \(clients.count) clients at the same time, and ended the server",
            expected: more.isEmpty ? "of each client, accepted before closed" : "each line once",
            saw: more.isEmpty
                ? Subject.quoted(server.subject.seen.outputText)
                : Subject.quoted(more[0]) + ", \(seen.filter { $0 == more[0] }.count) times",
            cause: more.isEmpty
                ? nil
                : "fork(2) copies what waits in the buffer of print, too: it has to be empty by then, which announce, or fflush(stdout), sees to"
        )
    }

    /// Stopped, the parent finds a client in its queue that has gone.
    func checkGoesOnAfterAClientThatIsGoneByThen() throws {
        let server = try startServer()
        server.subject.waitUntilItWaits()
        server.subject.stop()
        try server.connect().reset()
        server.subject.resume()
        try server.expectService(despite: "reset a connection before it was accepted")
    }

    /// A client whose echo can't be sent: send(2) fails with EPIPE, and raises SIGPIPE, in the child. Its end
    /// is told all the same.
    func checkSaysClosedOfAClientThatIsGone() throws {
        let (server, client) = try startServerWithClient()
        let subject = server.subject
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line")
        // Stopped, the family finds all of it at once: the bytes, the end of file, and the reset.
        subject.stop()
        try client.send(Array("and goodbye\n".utf8))
        try client.halfClose()
        try client.reset()
        subject.resume()
        let did = "sent a line, and closed the connection before its echo was sent"
        let closed = "closed \(client.localAddress)"
        let isTold = subject.program.wait(Subject.patience) { seen in
            seen.ending != nil || seen.outputLines.contains(closed) ? true : nil
        }
        if isTold != nil, subject.seen.ending == nil {
            try server.expectService(despite: did)
            return
        }
        throw subject.failure(
            did: did,
            expected: closed,
            saw: subject.whatHappened(),
            cause: subject.causeOfChildsEnd ?? subject.causeOfSilence()
        )
    }

    /// How many processes the program makes for itself: most often none.
    private func countOfForksBeforeClients() throws -> Int {
        let server = try startServer()
        defer { server.subject.program.end(.kill) }
        try server.subject.expectIdle(while: "no client has come")
        return server.subject.seen.calls(.fork).count { $0.result ?? 0 > 0 }
    }

    /// It costs the client that came then, and nobody else.
    func checkLosesOneClientWhenForkFails() throws {
        let earlier = try countOfForksBeforeClients()
        let server = try startServer(faults: [.init(.fork, .number(earlier + 1), "EAGAIN")])
        let did = "made fork(2) fail with EAGAIN, once"
        let first = try server.connect()
        let line = Array("hello\n".utf8)
        let received = try first.exchange(line)
        try server.subject.needsFault(in: [.fork])
        if received.bytes != line, received.ending == .stillOpen {
            throw server.subject.failure(
                did: did,
                expected: "the client that gets no process loses its connection",
                saw: "it stays open\n\(server.subject.whatHappened())",
                cause: server.subject.seen.ending == nil
                    ? "nobody serves that connection, and it was not closed" : nil
            )
        }
        let second = try? server.connect()
        if let second, try second.exchange(line).bytes == line, server.subject.seen.ending == nil {
            try server.expectNoStrayLine()
            // Who says that it was accepted says that it is closed.
            let lines = ["accepted", "closed"].map { "\($0) \(first.localAddress)" }
            let isServed = received.bytes == line && received.ending == .stillOpen
            if isServed || !server.subject.seen.outputLines.contains(lines[0]) { return }
            return try server.expectLines(lines, after: "a client for which fork(2) failed")
        }
        throw server.subject.failure(
            did: did,
            expected: "the next client is served: its line comes back",
            saw: server.subject.whatHappened(),
            cause: "fork(2) failed: it may be otherwise for the next client, and the server goes on"
        )
    }
}
