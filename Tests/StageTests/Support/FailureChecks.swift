import ReferenceEcho
import Sockets
import Supervision

/// What a program is asked for when one of its calls fails: that it says so and ends, where it can't do
/// without.
extension StageTestCase {
    /// No socket can be made.
    func checkReportsASocketThatCouldNotBeMade() throws {
        let subject = try run("0", faults: [.init(.socket, .every, "EMFILE")])
        try subject.expectReport(
            of: [.socket],
            "Too many open files",
            ifFailedBy: "made socket(2) fail with EMFILE"
        )
    }

    /// The address can't be had, and for another reason than most often: nobody has it, and it may not be.
    func checkReportsABindThatFails() throws {
        let subject = try run("0", faults: [.init(.bind, .every, "EACCES")])
        try subject.expectReport(
            of: [.bind],
            "Permission denied",
            ifFailedBy: "made bind(2) fail with EACCES"
        )
    }

    /// Nobody could connect.
    func checkReportsAListenThatFails() throws {
        let subject = try run("0", faults: [.init(.listen, .every, "EADDRINUSE")])
        try subject.expectReport(
            of: [.listen],
            "Address already in use",
            ifFailedBy: "made listen(2) fail with EADDRINUSE"
        )
    }

    /// A call of `family` fails that a program may do without, and go on. Where it ends, it says why.
    ///
    /// - Parameter line: whether the status line of one that goes on is right.
    func checkReportsIfItEnds(
        because family: SocketCall.Family,
        unless line: (Subject) throws -> Bool = { _ in true }
    ) throws {
        let subject = try run("0", faults: [.init(family, .every, "ENOBUFS")])
        subject.waitForLineOrEnd()
        if subject.seen.ending == nil, try subject.seen.output.isEmpty || line(subject) {
            return try subject.needsFault(in: [family])
        }
        try subject.expectReport(
            of: [family],
            "No buffer space available",
            ifFailedBy: "made \(family.rawValue)(2) fail with ENOBUFS"
        )
    }

    /// The port can't be learned by getsockname(2). A program may know it from elsewhere.
    ///
    /// - Parameter words: what the status line says before the address.
    func checkReportsAGetsocknameThatFails(announcing words: String = "listening on") throws {
        try checkReportsIfItEnds(because: .getsockname) { subject in
            try subject.heldSockets().contains { "\(words) \($0.local ?? "")\n" == subject.seen.outputText }
        }
    }

    /// Each of the calls that a server makes before its first client.
    func checkReportsACallThatFails() throws {
        try checkReportsASocketThatCouldNotBeMade()
        try checkReportsIfItEnds(because: .setsockopt)
        try checkReportsABindThatFails()
        try checkReportsAListenThatFails()
        try checkReportsAGetsocknameThatFails()
    }

    /// No client can be accepted.
    func checkReportsAnAcceptThatFails() throws {
        let server = try startServer(faults: [.init(.accept, .every, "EMFILE")])
        // The program may have ended by now: what counts is what it says.
        let client = try? ScriptedClient(connectingTo: server.address)
        try server.subject.expectNotAccepted(listening: "listening on \(server.address)")
        withExtendedLifetime(client) {}
    }

    /// A call of `family` fails once, while a client's line is echoed. A program that makes the call again is
    /// right, and so is one that gives up that client alone, where it serves others after it.
    func checkReportsAnEchoThatFails(in family: SocketCall.Family) throws {
        let (server, client) = try startServerWithClient(faults: [.init(family, 1, "EIO")])
        let line = Array("hello\n".utf8)
        let received = try client.exchange(line)
        if received.ending != .stillOpen { _ = server.subject.hasEnded }
        if server.subject.seen.ending == nil {
            if received.bytes == line { return }
            // An orderly end is too much to ask for: what was never received turns a close(2) into a reset.
            if received.ending != .stillOpen { return try server.expectServesAfter(client) }
        }
        try server.expectReport(of: family, to: client)
    }

    /// A call of `family` fails at the end of a client.
    func checkReportsAnEndThatFails(in family: SocketCall.Family) throws {
        let (server, client) =
            family == .close
            ? try startServerWithClient(closing: Recorder.Which.number, "EIO")
            : try startServerWithClient(faults: [.init(family, 1, "EIO")])
        try client.halfClose()
        _ = try client.receiveUntilEnd()
        if !server.subject.hasEnded { return try server.expectServesAfter(client) }
        try server.expectReport(of: family, to: client)
    }
}

extension Server {
    /// The program has given up `client`, and goes on: it serves the next one.
    fileprivate func expectServesAfter(_ client: ScriptedClient) throws {
        client.close()
        let next = try connect()
        let line = "accepted \(next.localAddress)"
        let isAccepted = subject.program.wait(Subject.patience) { seen in
            seen.ending != nil || seen.outputLines.contains(line) ? true : nil
        }
        if isAccepted != nil, subject.seen.ending == nil { return }
        throw subject.failure(
            did: "made a call fail for a client, and connected another",
            expected: "it ends and says why, or accepts the next client",
            saw: subject.whatHappened(),
            cause: subject.causeOfSilence()
        )
    }

    /// The program has ended, or should have: it says why.
    fileprivate func expectReport(of family: SocketCall.Family, to client: ScriptedClient) throws {
        let lines = ["listening on \(address)", "accepted \(client.localAddress)"]
        // To some programs a client whose calls fail is a client that is gone, and where that was the only one
        // the program ends with it: what it does after a reset is left to it.
        if type(of: subject.test).stage == .sendRecv, subject.seen.ending == .exited(0) {
            return try subject.expectOutput(lines)
        }
        // It may have closed the connection, and said so, before it ends.
        let withClosed = lines + ["closed \(client.localAddress)"]
        try subject.expectReport(
            of: [family],
            "Input/output error",
            ifFailedBy: "made \(family.rawValue)(2) fail with EIO",
            after: subject.seen.outputLines == withClosed ? withClosed : lines
        )
    }
}
