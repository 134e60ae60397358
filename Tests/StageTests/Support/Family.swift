import Foundation
import ReferenceEcho
import Sockets
import Supervision

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

    func connectClients(_ count: Int) throws -> [ScriptedClient] {
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
    func expectEchoBeside(by client: ScriptedClient, _ did: String) throws {
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
        if forks.contains(where: { fork in
            !subject.program.processes().contains { fork.result == Int($0.identifier) }
        }),
            seen.blockedCall(.accept) != nil
        {
            return
                "a child has ended, and the parent does not come back from waitpid(2): with WNOHANG it does not wait,"
                + " and 0 means that none has ended"
        }
        return EchoCause(seen, sent: sent, received: received.bytes).text
    }

    /// How many processes the program has while no client is there: most often one.
    func processesAtRest() -> Int {
        subject.waitUntilItWaits()
        return subject.program.processes().count
    }

    /// Waits until the program has no more than `count` processes: those of its children that ended are waited for.
    func waitForProcesses(atMost count: Int) {
        _ = subject.program.wait(Subject.patience) { seen in
            seen.ending != nil || subject.program.processes().count <= count ? true : nil
        }
    }

    /// Waits until there are no more processes than there were `before`, and no zombie.
    func expectAlone(as before: Int, after did: String) throws {
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
            return "after its client, a child went on to accept(2): it has to end there, by _exit(2)"
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

extension Subject {
    /// A child that goes on as its parent does serves clients of its own, or fails to.
    var causeOfChildThatAccepts: String? {
        let children = Set(seen.calls(.fork).compactMap(\.result))
        let stray = seen.records.first { $0.family == .accept && children.contains(Int($0.process)) }
        return stray.map { "\($0.name)(2) was called in a child: it serves its client, and ends by _exit(2)" }
    }
}
