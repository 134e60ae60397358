import Supervision

/// Checks that rest on what the recorder saw of the program's calls, or made of them.
extension Subject {
    /// The sockets of the program, seen from outside.
    func heldSockets() throws -> [HeldSocket] {
        do {
            // Of the whole family: which of its processes holds a socket is the program's own affair.
            let processes = program.processes().filter { !$0.isZombie }.map(\.identifier)
            var held = try program.sockets()
            for process in processes where process != program.processIdentifier {
                let others = (try? program.sockets(of: process)) ?? []
                held += others.filter { other in !held.contains { $0.inode == other.inode } }
            }
            if held.contains(where: { $0.transport.isEmpty }) {
                throw test.stop(.couldNotRun, "the kernel does not tell what kind of socket a program holds")
            }
            return held
        } catch let error as InspectionError {
            if hasEnded { return [] }
            throw test.stop(.couldNotRun, "the program's sockets can't be seen here: \(error)")
        }
    }

    /// A call that the recorder made fail has to be reported: its name and the reason on standard error, exit
    /// status 1, and no status line for what did not happen.
    ///
    /// - Parameters:
    ///   - families: the call may be any of these, by whichever of their names the program made it.
    ///   - reason: what strerror(3) says.
    ///   - lines: the status lines that come before it.
    func expectReport(
        of families: [SocketCall.Family],
        _ reason: String,
        ifFailedBy did: String,
        after lines: [String] = []
    ) throws {
        _ = program.wait(Self.patience) { seen in
            seen.ending != nil || seen.outputLines.count > lines.count ? true : nil
        }
        try needsFault(in: families)
        let names = Set(seen.records.filter { families.contains($0.family) }.map(\.name)).sorted()
        let isReported = names.contains { seen.hasErrorLine("\($0): \(reason)") }
        let output = lines.map { $0 + "\n" }.joined()
        if seen.ending == .exited(1), isReported, seen.outputText == output { return }
        throw failure(
            did: did,
            expected: "\(names.first ?? ""): \(reason), on standard error, and exit status 1",
            saw: whatHappened(),
            cause: ReportCause(seen, names: names, reason, output: output).text
        )
    }

    /// The check rests on a call that the recorder was to make fail: where it saw none, it can't be judged.
    func needsFault(in families: [SocketCall.Family]) throws {
        if let step = stepNotWritten { throw test.stop(.skipped, step) }
        func happened() -> Bool {
            seen.records.contains {
                families.contains($0.family) && $0.phase == .returnedOnRequest
            }
        }
        if happened() { return }
        // What it said may have come before the call.
        waitUntilItWaits()
        if happened() { return }
        try needsRecorder()
        if seen.ending != nil { throw failure(expected: "a call of \(families[0])(2)", saw: whatHappened()) }
        throw test.stop(
            .couldNotRun,
            "the program makes no call of \(families[0])(2) that could be made to fail"
        )
    }

    /// The check rests on the record of the program's calls.
    func needsRecorder() throws {
        if seen.recorderLoaded || seen.ending == .exited(77) { return }
        throw test.stop(
            .couldNotRun,
            "the program's calls can't be recorded: the recorder was not loaded into it"
        )
    }
}
