import ReferenceEcho
import Sockets
import Supervision

/// What every server is asked for that serves one client after another, and closes each connection.
extension StageTestCase {
    func checkServesOneClientAfterAnother() throws {
        let server = try startServer()
        for index in 0..<3 {
            let client = try server.connect()
            try server.expectAccepted(client, line: 1 + 2 * index)
            if index == 2 { try server.subject.expectIdle(while: "the client sends nothing") }
            let line = "client \(index + 1)\n"
            try server.expectEcho(of: Array(line.utf8), by: client, "a line, as client \(index + 1)")
            try server.expectEndOfFile(client)
            try server.expectClosed(client, line: 2 + 2 * index)
        }
    }

    func checkServesAClientThatOnlyLooksIn() throws {
        let (server, first) = try startServerWithClient()
        first.close()
        try server.expectClosed(first, line: 2)
        let second = try server.connect()
        try server.expectAccepted(second, line: 3)
        try server.expectEcho(of: Array("hello\n".utf8), by: second, "a line, as the second client")
    }

    /// A client from elsewhere than the server's own address.
    func checkTellsTheTrueAddressOfTheClient() throws {
        let server = try startServer()
        let client = try server.connect(from: "127.0.0.3")
        try server.expectAccepted(client, line: 1)
        try server.expectEndOfFile(client)
        try server.expectClosed(client, line: 2)
    }

    func checkSaysClosedOnlyWhenTheConnectionIs() throws {
        // close(2) is held up for ever: a line that comes all the same came too early.
        let (server, client) = try startServerWithClient(closing: Recorder.Which.from, "late=60000")
        let subject = server.subject
        let connection = try subject.heldSockets().first { $0.remote == "\(client.localAddress)" }
        try client.halfClose()
        _ = subject.program.wait(Subject.patience) { seen in
            seen.blockedCall(.close) != nil || seen.ending != nil || seen.outputLines.count > 2 ? true : nil
        }
        if subject.seen.blockedCall(.close) == nil { try subject.needsRecorder() }
        let lines = ["listening on \(server.address)", "accepted \(client.localAddress)"]
        let isOpen = try subject.heldSockets().contains { $0.inode == connection?.inode }
        // What it had written before it called close(2) is in the pipe by now; its end brings all of it.
        subject.program.end(.kill)
        if !isOpen || subject.seen.outputLines == lines { return }
        throw subject.failure(
            did: subject.seen.records.contains { $0.family == .close } ? "held it up in close(2)" : nil,
            expected: "no line \"closed\": the socket is still open",
            saw: Subject.quoted(subject.seen.outputText),
            cause: "the line tells of something that has not happened: close(2) comes first"
        )
    }

    func checkClosesEachDescriptorOnce() throws {
        let server = try startServer()
        for index in 0..<3 {
            let client = try server.connect()
            try server.expectAccepted(client, line: 1 + 2 * index)
            try server.expectEndOfFile(client)
            try server.expectClosed(client, line: 2 + 2 * index)
        }
        try server.subject.expectNoCloseOfWhatIsClosed()
    }

    func checkDoesNotCloseAgainAfterASignal() throws {
        let (server, first) = try startServerWithClient(closing: Recorder.Which.number, "EINTR")
        try server.expectEndOfFile(first)
        try server.expectClosed(first, line: 2)
        let second = try server.connect()
        try server.expectAccepted(second, line: 3)
        try server.expectEcho(of: Array("hello\n".utf8), by: second, "a line, after close(2) was interrupted")
        try server.subject.expectNoCloseOfWhatIsClosed()
    }
}
