import ReferenceEcho
import Sockets
import Supervision

/// How a program waits: without burning processor time, and again after a signal.
extension Subject {
    /// Waits until the program waits. One that burns processor time never does.
    func expectIdle(while situation: String) throws {
        if !settlesDown() { throw failureOfUnrest(while: situation) }
    }

    /// The same of a program that may have much to do before it waits: as long as bytes move, it has.
    func expectIdleOnceAllIsMoved(while situation: String) throws {
        var moved = countOfMovedBytes
        while !settlesDown() {
            let before = moved
            moved = countOfMovedBytes
            if moved == before { throw failureOfUnrest(while: situation) }
        }
    }

    /// Waits until the program waits. False: it has used too much processor time meanwhile. How long it took
    /// tells nothing: on a busy machine, a program may be long in getting its turn.
    private func settlesDown() -> Bool {
        let (used, recorded) = (program.processorUse().running, seen.records.count)
        var deadline = Deadline(Self.patience)
        while !waits() {
            // One in a busy loop may be held up by its own records: they tell, too.
            let isBusy =
                program.processorUse().running - used > .milliseconds(150)
                || seen.records.count - recorded > 2000
            if isBusy || deadline.hasPassed { return false }
            deadline.charge()
        }
        return true
    }

    /// Whether it waits now. One that looks every millisecond whether anything has come does not.
    private func waits() -> Bool {
        let recorded = seen.records.count
        return program.isIdle(over: .milliseconds(20)) && seen.records.count - recorded < 30
    }

    /// Through sockets, by calls that are recorded, or by those of stdio, which are not.
    private var countOfMovedBytes: Int {
        let calls = seen.calls(.send) + seen.calls(.recv)
        return calls.compactMap(\.result).filter { $0 > 0 }.reduce(program.countOfBytesRead(), +)
    }

    private func failureOfUnrest(while situation: String) -> any Error {
        // Calls on a file are not recorded: then nothing tells which one it is.
        // What it does in between is the matter, and not that it sleeps.
        let records = seen.records.filter { $0.hasReturned && $0.family != .sleep }
        let calls = Dictionary(grouping: records, by: \.name).mapValues(\.count)
        let busiest = calls.max { $0.value < $1.value }
        return failure(
            did: "waited, while \(situation)",
            expected: "it waits in a call, and uses no processor time",
            saw: "it runs all the time",
            cause: busiest.map { $0.value > 100 ? "\($0.key)(2) was called \($0.value) times" : nil } ?? nil
        )
    }

    /// Where accept(2) keeps failing there is no status line for it; and where that ends the program, it says
    /// why.
    func expectNotAccepted(listening line: String) throws {
        // A program may also try again, and so never end.
        _ = program.wait(Self.patience) { seen in
            let failed = seen.calls(.accept).filter { $0.phase == .returnedOnRequest }.count
            return seen.ending != nil || seen.outputLines.count > 1 || failed > 10 ? true : nil
        }
        if seen.ending == nil, seen.outputLines == [line] { return try needsFault(in: [.accept]) }
        try expectReport(
            of: [.accept],
            "Too many open files",
            ifFailedBy: "made accept(2) fail with EMFILE",
            after: [line]
        )
    }
}

extension [Recorder.Fault] {
    /// Calls of `family` that a signal interrupts: the first, the one that is made in its place, and a later
    /// one.
    static func interrupting(_ family: SocketCall.Family) -> Self {
        [1, 2, 4].map { Recorder.Fault(family, .number($0), "EINTR") }
    }
}

extension StageTestCase {
    /// The calls that wait for a client, interrupted at the first time and at a later one.
    func checkAcceptsAgainAfterASignal() throws {
        let server = try startServer(faults: .interrupting(.accept) + .interrupting(.poll))
        let client = try server.connect()
        do {
            try server.expectAccepted(client, line: 1)
            try server.subject.needsFault(in: [.accept, .poll])
        } catch {
            if server.subject.seen.ending == nil { throw error }
            throw server.subject.failure(
                did: "interrupted accept(2) by a signal",
                expected: "accepted \(client.localAddress)",
                saw: server.subject.whatHappened(),
                cause: CallCause(server.subject.seen).text
            )
        }
    }
}
