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
        let family = try server.family { $0.childrenThatListen.isEmpty && $0.parentListens }
        if family.childrenThatListen.isEmpty, family.parentListens { return }
        throw withExtendedLifetime(clients) {
            server.subject.failure(
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
    }

    func checkParentHoldsNoConnection() throws {
        let (server, clients) = try startServerWithClients(2)
        let family = try server.family { $0.connectionsOfParent.isEmpty }
        if family.connectionsOfParent.isEmpty { return }
        throw withExtendedLifetime(clients) {
            server.subject.failure(
                did: "connected \(clients.count) clients",
                expected: "the parent holds none of their connections",
                saw: "it holds \(family.connectionsOfParent.count)",
                cause: family.childrenWithClients.isEmpty
                    ? nil
                    : "fork(2) copies every descriptor: the parent closes the connection, which its child serves"
            )
        }
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

    /// Orderly clients, those that reset, and those that only leave.
    func checkLeavesNothingOfAHundredClients() throws {
        let server = try startServer()
        let before = server.processesAtRest()
        var lines: [String] = []
        for index in 0..<100 {
            let client = try server.connect()
            lines += ["accepted \(client.localAddress)", "closed \(client.localAddress)"]
            try server.expectEcho(of: [UInt8(index)], by: client, "a byte, as client \(index + 1)")
            if index % 3 == 0 { try server.expectEndOfFile(client) }
            if index % 3 == 1 { try client.reset() }
        }
        try server.expectAlone(as: before, after: "served 100 clients, one after another")
        try server.expectLines(lines, after: "100 clients")
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
            try server.subject.expectEnd(by: signal, while: "\(clients.count) clients were connected")
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
            let program = server.subject.program
            program.signal(signal.number)
            if program.wait(Subject.patience, until: { $0.isOver ? true : nil }) != nil { continue }
            let (hasEnded, count) = (server.subject.seen.ending != nil, program.processes().count)
            throw server.subject.failure(
                did: "sent the parent \(signal.rawValue) while \(clients.count) clients were connected",
                expected: "the whole family ends",
                saw: hasEnded
                    ? "the parent has ended, and \(count) of its children have not"
                    : server.subject.whatHappened(),
                cause: hasEnded
                    ? "a signal is for one process: its children go on, unless they are told" : nil
            )
        }
    }

    /// Two clients send nothing, and one does not read.
    private func startServerInTheMiddleOfItsClients() throws -> (Server, [ScriptedClient]) {
        let (server, clients) = try startServerWithClients(2)
        let reluctant = try server.connect(buffers: .small)
        try server.expectEchoBeside(by: reluctant, "connected a third client, which sent a line")
        try server.fillBuffers(by: reluctant)
        return (server, clients + [reluctant])
    }

    // MARK: - Lines

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
                : "fork(2) copies what waits in the buffer of print, too: it has to be empty by then, which announce, or fflush(nil), sees to"
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

    // MARK: - fork(2) fails

    /// It costs the client that came then, and nobody else.
    func checkLosesOneClientWhenForkFails() throws {
        let server = try startServer(faults: [.init(.fork, 1, "EAGAIN")])
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
        if let second, try second.exchange(line).bytes == line, server.subject.seen.ending == nil { return }
        throw server.subject.failure(
            did: did,
            expected: "the next client is served: its line comes back",
            saw: server.subject.whatHappened(),
            cause: "fork(2) failed: it may be otherwise for the next client, and the server goes on"
        )
    }
}

// MARK: - The family, seen from outside

/// What each process of the program holds of TCP.
struct Family {
    let parent: pid_t
    let processes: [pid_t: [HeldSocket]]

    /// Children that hold a connection.
    var childrenWithClients: [pid_t] { children { $0.state != .listen && $0.remote != nil } }
    var childrenThatListen: [pid_t] { children { $0.state == .listen } }
    var parentListens: Bool { (processes[parent] ?? []).contains { $0.state == .listen } }
    var connectionsOfParent: [HeldSocket] { (processes[parent] ?? []).filter { $0.state != .listen } }

    private func children(with condition: (HeldSocket) -> Bool) -> [pid_t] {
        processes.filter { $0.key != parent && $0.value.contains(where: condition) }.map(\.key)
    }
}

extension Server {
    /// Waits until the family is as `condition` says; returns what it was last.
    func family(until condition: (Family) -> Bool) throws -> Family {
        // Says why where sockets can't be seen here.
        _ = try subject.heldSockets()
        let program = subject.program
        func look() -> Family {
            var held: [pid_t: [HeldSocket]] = [:]
            for process in program.processes() where !process.isZombie {
                let sockets = (try? program.sockets(of: process.identifier)) ?? []
                held[process.identifier] = sockets.filter { $0.transport.hasPrefix("TCP") }
            }
            return Family(parent: program.processIdentifier, processes: held)
        }
        var last = look()
        _ = program.wait(Subject.patience) { seen in
            last = look()
            return seen.ending != nil || condition(last) ? true : nil
        }
        return last
    }

    fileprivate func connectClients(_ count: Int) throws -> [ScriptedClient] {
        try (1...count).map { number in
            let client = try connect()
            try expectEchoBeside(
                by: client,
                "connected client \(number), which sent a line; those before it stayed connected"
            )
            return client
        }
    }

    /// Sends a line, and expects it back although others are connected.
    fileprivate func expectEchoBeside(by client: ScriptedClient, _ did: String) throws {
        let line = Array("hello\n".utf8)
        let received = try client.exchange(line)
        if received.bytes == line { return }
        throw subject.failure(
            did: did,
            expected: "its line comes back: nobody waits for another client",
            saw: "\(received)\n\(subject.whatHappened())",
            cause: causeOfWait(sent: line, received)
        )
    }

    private func causeOfWait(sent: [UInt8], _ received: Received) -> String? {
        let seen = subject.seen
        guard seen.ending == nil, seen.recorderLoaded, received.bytes.isEmpty else {
            return EchoCause(seen, sent: sent, received: received.bytes).text
        }
        let parent = subject.program.processIdentifier
        let forks = seen.calls(.fork).filter { $0.process == parent }
        guard let fork = forks.last else {
            return seen.calls(.accept).contains { ($0.result ?? -1) >= 0 } ? "fork(2) was not called" : nil
        }
        let goesOn = seen.records.contains {
            [.accept, .poll].contains($0.family) && $0.process == parent && $0.time > fork.time
        }
        if !goesOn { return "after fork(2) the parent has not called accept(2) again" }
        return EchoCause(seen, sent: sent, received: received.bytes).text
    }

    /// How many processes the program has while no client is there: most often one.
    fileprivate func processesAtRest() -> Int {
        subject.waitUntilItWaits()
        return subject.program.processes().count
    }

    /// Waits until there are no more processes than there were `before`, and no zombie.
    fileprivate func expectAlone(as before: Int, after did: String) throws {
        let program = subject.program
        func isAlone(_ family: [ProcessState]) -> Bool {
            family.count <= before && !family.contains(where: \.isZombie)
        }
        _ = program.wait(Subject.patience) { seen in
            seen.ending != nil || isAlone(program.processes()) ? true : nil
        }
        let family = program.processes()
        if isAlone(family), subject.seen.ending == nil { return }
        let children = family.dropFirst()
        let zombies = children.filter(\.isZombie).count
        throw subject.failure(
            did: did,
            expected: "the parent is the only process that is left",
            saw: subject.seen.ending == nil
                ? "\(children.count) more, \(zombies) of them zombies" : subject.whatHappened(),
            cause: subject.seen.ending == nil
                ? causeOfRest(living: children.filter { !$0.isZombie }.map(\.identifier))
                : subject.causeOfSilence()
        )
    }

    private func causeOfRest(living: [pid_t]) -> String? {
        if subject.seen.records.contains(where: { $0.family == .accept && living.contains($0.process) }) {
            return "after its client, a child went on to accept(2): its end is there, by _exit(2)"
        }
        if !living.isEmpty || subject.has(SIGCHLD, in: "SigBlk") { return nil }
        return subject.has(SIGCHLD, in: "SigCgt")
            ? "one SIGCHLD may stand for several children: waitpid(2) is called until it finds no more"
            : "a child that has ended is a zombie until its parent calls waitpid(2); SIGCHLD tells when"
    }
}

extension Subject {
    /// Why a child has ended before it had said all, where the record tells.
    var causeOfChildsEnd: String? {
        let parent = program.processIdentifier
        let living = Set(program.processes().filter { !$0.isZombie }.map(\.identifier))
        let calls = seen.blockedCalls.filter { $0.process != parent && !living.contains($0.process) }
        if calls.contains(where: { $0.family == .send }) {
            return
                "sending to a peer that is gone raises SIGPIPE, which ends a process that does not ignore it"
        }
        let exits = seen.records.filter { $0.family == .exit && $0.process != parent }
        guard let status = exits.compactMap({ $0.argument(0) }).last(where: { $0 != "0" }) else { return nil }
        return "the child ended with exit status \(status), and nobody said \"closed\""
    }
}
