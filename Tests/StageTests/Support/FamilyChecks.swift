import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// What a server is asked for that has a process for each client: as seen from outside, by what each process
/// of the family holds, and by which of them are left.
extension StageTestCase {
    /// Connects `count` clients, each of which gets its echo while those before it stay connected.
    func startServerWithClients(_ count: Int) throws -> (Server, [ScriptedClient]) {
        let server = try startServer()
        return (server, try server.connectClients(count))
    }

    /// Each connection is held by a process that is not the parent, and not that of another client.
    func checkServesEachClientInAProcessOfItsOwn() throws {
        let (server, clients) = try startServerWithClients(5)
        let family = try server.family { $0.childrenWithClients.count >= clients.count }
        if family.childrenWithClients.count >= clients.count { return }
        let forks = server.subject.seen.calls(.fork)
        throw server.subject.failure(
            did: "connected \(clients.count) clients, all of them at the same time",
            expected: "\(clients.count) children hold the connections: a process for each client",
            saw: "\(family.childrenWithClients.count) do, of \(family.processes.count) processes",
            cause: server.subject.seen.recorderLoaded && forks.isEmpty ? "fork(2) was not called" : nil
        )
    }

    func checkNoChildHoldsTheListeningSocket() throws {
        let (server, clients) = try startServerWithClients(2)
        defer { withExtendedLifetime(clients) {} }
        let family = try server.family { $0.childrenThatListen.isEmpty && $0.parentListens }
        if family.childrenThatListen.isEmpty, family.parentListens { return }
        throw server.subject.failure(
            did: "connected \(clients.count) clients",
            expected: "the parent alone holds the listening socket",
            saw: family.parentListens
                ? "\(family.childrenThatListen.count) of its children hold it too"
                : "the parent does not hold it",
            cause: family.parentListens
                ? "fork(2) copies every descriptor: the child closes the listening socket, which it has no use for"
                : nil
        )
    }

    func checkParentHoldsNoConnection() throws {
        let (server, clients) = try startServerWithClients(2)
        defer { withExtendedLifetime(clients) {} }
        let family = try server.family { $0.connectionsOfParent.isEmpty }
        if family.connectionsOfParent.isEmpty { return }
        throw server.subject.failure(
            did: "connected \(clients.count) clients",
            expected: "the parent holds none of their connections",
            saw: "it holds \(family.connectionsOfParent.count)",
            cause: family.childrenWithClients.isEmpty
                ? nil
                : "fork(2) copies every descriptor: the parent closes the connection, which its child serves"
        )
    }

    /// One that reads nothing has its own process wait in send(2), and nobody else's.
    func checkHoldsUpNobodyForAClientThatDoesNotRead() throws {
        let (server, first) = try startServerWithClient(buffers: .small)
        try server.fillBuffers(by: first)
        let second = try server.connect()
        try server.expectEchoBeside(
            by: second,
            "connected a client that sent and did not read, and a second one that sent a line"
        )
    }

    /// No queue is long enough to hide that clients are served one at a time.
    func checkServesManyAtTheSameTime() throws {
        let (server, clients) = try startServerWithClients(20)
        for (index, client) in clients.enumerated().reversed() {
            try server.expectEcho(of: Array("again\n".utf8), by: client, "a line, as client \(index + 1)")
        }
    }

    // MARK: - The ends of children

    /// Orderly clients, those that reset, and those that only leave, more than fit into a byte.
    func checkLeavesNothingOfHundredsOfClients() throws {
        // Of descriptors there are enough for a few clients at a time, and for hundreds in turn.
        let server = try startServer(openFiles: 48)
        let before = server.processesAtRest()
        var lines: [String] = []
        for index in 0..<260 {
            let client = try server.connect()
            lines += ["accepted \(client.localAddress)", "closed \(client.localAddress)"]
            try server.expectEcho(
                of: [UInt8(truncatingIfNeeded: index)],
                by: client,
                "a byte, as client \(index + 1)"
            )
            if index % 3 == 0 { try server.expectEndOfFile(client) }
            if index % 3 == 1 { try client.reset() }
        }
        try server.expectAlone(as: before, after: "served hundreds of clients, one after another")
        try server.expectLines(lines, after: "hundreds of clients")
        try server.subject.expectIdle(while: "all clients have gone")
    }

    /// That a child has ended is no reason to wait for the others.
    func checkGoesOnWhenAChildEnds() throws {
        let server = try startServer()
        let before = server.processesAtRest()
        let clients = try server.connectClients(2)
        try server.expectEndOfFile(clients[0])
        server.waitForProcesses(atMost: before + 1)
        let third = try server.connect()
        try server.expectEchoBeside(
            by: third,
            "connected two clients, of whom one left, and a third one, which sent a line"
        )
        try server.subject.expectIdle(while: "two clients send nothing")
        withExtendedLifetime(clients) {}
    }

    /// Signals do not queue: of several children that end while the parent does not run, it hears once.
    func checkReapsChildrenThatEndTogether() throws {
        let server = try startServer()
        let before = server.processesAtRest()
        let clients = try server.connectClients(8)
        let program = server.subject.program
        _ = try server.family { $0.connectionsOfParent.isEmpty }
        program.signal(SIGSTOP)
        _ = program.wait(Subject.patience) { _ in program.processes().first?.state == "T" ? true : nil }
        for client in clients { client.close() }
        _ = program.wait(Subject.patience) { _ in
            program.processes().filter { !$0.isZombie }.count <= before ? true : nil
        }
        program.signal(SIGCONT)
        try server.expectAlone(
            as: before,
            after: "had \(clients.count) clients leave while the parent was stopped"
        )
    }

    /// Whatever its children wait for.
    func checkEndsOnASignalInTheMiddleOfItsClients() throws {
        for signal in EndingSignal.allCases {
            let (server, clients) = try startServerInTheMiddleOfItsClients()
            try server.subject.expectEnd(by: signal, while: "clients were connected, and one had left")
            _ = server.subject.program.wait(Subject.patience) { $0.isOver ? true : nil }
            // Of a client that is connected when the server ends, a line may tell that its connection is closed.
            let lines = ["listening on \(server.address)"] + clients.map { "accepted \($0.localAddress)" }
            let closed = clients.map { "closed \($0.localAddress)" }
            let told = server.subject.seen.outputLines.filter { !closed.contains($0) }
            if told.sorted() != lines.sorted() { try server.subject.expectOutput(lines) }
        }
    }

    func checkEndsWithItsChildren() throws {
        for signal in EndingSignal.allCases {
            let (server, clients) = try startServerInTheMiddleOfItsClients()
            defer { withExtendedLifetime(clients) {} }
            let program = server.subject.program
            program.signal(signal.number)
            if program.wait(Subject.patience, until: { $0.isOver ? true : nil }) != nil { continue }
            let (hasEnded, count) = (server.subject.seen.ending != nil, program.processes().count)
            throw server.subject.failure(
                did: "sent the parent \(signal.rawValue) while clients were connected, and one had left",
                expected: "the whole family ends",
                saw: hasEnded
                    ? "the parent has ended, and some of its children go on: \(count)"
                    : server.subject.whatHappened(),
                cause: hasEnded
                    ? "a signal is for one process: its children go on, unless its end tells them; and a pipe has no"
                        + " end of file while any process holds its writing end" : nil
            )
        }
    }

    /// Of four clients one has left, two send nothing, and one does not read.
    private func startServerInTheMiddleOfItsClients() throws -> (Server, [ScriptedClient]) {
        let server = try startServer()
        let before = server.processesAtRest()
        let clients = try server.connectClients(3)
        try server.expectEndOfFile(clients[0])
        // Whoever keeps a list of children takes one off.
        server.waitForProcesses(atMost: before + 2)
        let reluctant = try server.connect(buffers: .small)
        try server.expectEchoBeside(by: reluctant, "connected another client, which sent a line")
        try server.fillBuffers(by: reluctant)
        return (server, clients + [reluctant])
    }
}
