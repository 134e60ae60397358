import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// What a server is asked for that serves many clients in one thread.
extension Subject {
    /// Seen from outside, the program is one process, with one thread, while it serves `count` clients.
    func expectOneThread(serving count: Int) throws {
        let processes = program.processes().filter { !$0.isZombie }
        if processes.isEmpty, !hasEnded {
            throw test.stop(.couldNotRun, "the processes of a program can't be seen here")
        }
        let threads = max(processes.map(\.threads).max() ?? 1, Set(seen.records.map(\.thread)).count)
        if processes.count == 1, threads == 1 { return }
        throw failure(
            did: "connected \(count) clients",
            expected: "one process, with one thread",
            saw: processes.isEmpty
                ? whatHappened()
                : processes.count == 1
                    ? "one process, with \(threads) threads"
                    : "\(processes.count) processes, one of which has \(threads) threads",
            cause: processes.count > count
                ? "there is a process for each client"
                : threads > count ? "there is a thread for each client" : nil
        )
    }
}

extension StageTestCase {
    /// The suite's own process is going to have so many descriptors open.
    func needsDescriptors(_ count: rlim_t) throws {
        #if os(Linux)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        getrlimit(resource, &limit)
        if limit.rlim_cur >= count { return }
        if limit.rlim_max >= count {
            limit.rlim_cur = count
            if setrlimit(resource, &limit) == 0 { return }
        }
        throw stop(
            .couldNotRun,
            "a process may have \(limit.rlim_max) files open here, and it takes \(count)"
        )
    }
}

extension StageTestCase {
    /// A client that always sends, and others that send a byte: one that was there before it, one that came after
    /// it, and one that comes only now.
    func checkLetsABusyClientStarveNobody() throws {
        // Each recv(2) takes its time: what is in the buffers lasts for seconds, however slow this client is to
        // send more and to take its echo. A server that takes all there is comes to no end.
        let (server, first) = try startServerWithClient(faults: [.init(.recv, .every, "late=50")])
        let busy = try server.connect()
        let second = try server.connect()
        try server.expectAccepted(second, line: 3)
        let bytes = [UInt8](repeating: 0, count: 4 << 20)
        _ = try busy.sendAsFarAsItGoes(bytes, quiet: .milliseconds(20))
        var waiting = [first, second, try server.connect()]
        for client in waiting { try client.send([UInt8(ascii: "!")]) }
        _ = try server.subject.program.wait(Subject.patience) { seen in
            _ = try busy.receiveWhatIsThere()
            _ = try busy.sendAsFarAsItGoes(bytes, quiet: .zero)
            waiting = try waiting.filter { try $0.receiveWhatIsThere().bytes != [UInt8(ascii: "!")] }
            return waiting.isEmpty || seen.ending != nil ? true : nil
        }
        if waiting.isEmpty { return }
        throw server.subject.failure(
            did: "had a client send without a pause, and three others one byte each",
            expected: "each byte comes back",
            saw: server.subject.whatHappened(),
            cause: server.causeOfStarvation()
        )
    }

    /// More clients than the program may have descriptors: those that it has accepted are served meanwhile,
    /// and the others once those have gone.
    func checkServesThoseConnectedWhenNoDescriptorIsLeft() throws {
        let limit = 32
        let server = try startServer(openFiles: limit)
        var (connected, waiting) = ([ScriptedClient](), [ScriptedClient]())
        while waiting.isEmpty, connected.count < limit {
            let client = try server.connect(drawn: false)
            if server.accepts(client) { connected.append(client) } else { waiting.append(client) }
        }
        // Any queue has room for two.
        waiting.append(try server.connect(drawn: false))

        let did = "connected clients until the program, which may open \(limit) files, could open no more"
        let line = Array("hello\n".utf8)
        for client in connected + waiting { try client.send(line) }
        try server.expectService(of: connected, line, although: did)
        for client in connected { client.close() }
        let closed = connected.map { "closed \($0.localAddress)" }
        _ = server.subject.program.wait(Subject.patience) { seen in
            seen.ending != nil || Set(seen.outputLines).isSuperset(of: closed) ? true : nil
        }
        for client in waiting {
            try server.expectServedOrLetGo(
                client,
                line,
                although: did + ", and closed those that were accepted"
            )
        }
        try server.expectService(of: try server.connect(), although: did + ", and closed those that were")
    }
}

extension Server {
    /// Whether the program accepts `client`: it may have no descriptor for it.
    fileprivate func accepts(_ client: ScriptedClient) -> Bool {
        let line = "accepted \(client.localAddress)"
        let isAccepted = subject.program.wait(.milliseconds(500)) { seen in
            if seen.outputLines.contains(line) { return true }
            return seen.ending != nil || seen.calls(.accept).contains { $0.errno == EMFILE } ? false : nil
        }
        return isAccepted ?? false
    }

    /// A client that had to wait for a descriptor has sent `line`. One that could not be served may also have been let
    /// go: then the next is served.
    func expectServedOrLetGo(_ client: ScriptedClient, _ line: [UInt8], although did: String) throws {
        let received = try client.receive(count: line.count)
        if received.bytes == line || received.ending != .stillOpen { return }
        throw failureOfService(received, although: did)
    }

    /// Each of `clients` has sent `line`.
    fileprivate func expectService(of clients: [ScriptedClient], _ line: [UInt8], although did: String) throws
    {
        for client in clients {
            let received = try client.receive(count: line.count)
            if received.bytes != line { throw failureOfService(received, although: did) }
        }
    }

    /// Why one client's bytes were not looked at while another sent.
    fileprivate func causeOfStarvation() -> String? {
        let calls = subject.seen.records.suffix(200).filter { $0.hasReturned && $0.family == .recv }
        guard calls.count > 20, Set(calls.map(\.descriptor)).count == 1 else { return nil }
        return
            "recv(2) is called for one client again and again, and for no other: it always has more"
    }
}
