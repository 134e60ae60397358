import Course
import Foundation
import Results
import Synchronization

/// Tries the suites on programs whose verdict is known: those of the bank, and mutants of the solutions. All
/// of them, by every check.
public struct Matrix: Sendable {
    /// Which programs are tried.
    public enum Part: Sendable {
        case bank, mutants
    }

    private let grader: Grader
    /// How many programs are tried at a time: more than there are processors, since many a wrong program keeps
    /// its suite waiting.
    private let width = 4 * ProcessInfo.processInfo.activeProcessorCount

    public init(grader: Grader) {
        self.grader = grader
    }

    /// Tries the suites of `stages`.
    ///
    /// - Parameters:
    ///   - runs: how often each program is graded. The verdicts have to agree, to the last check.
    ///   - watch: is told how many programs have been tried, and of how many. Called from several threads.
    /// - Returns: what was found, programs on which the kit could not do its work among it.
    /// - Throws: ``KitFailure`` where the bank can't be understood.
    public func run(
        _ stages: [Stage],
        parts: Set<Part> = [.bank, .mutants],
        runs: Int = 1,
        watch: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(KitFailure) -> MatrixReport {
        let bank = parts.contains(.bank) ? try Bank(of: grader.repository).entries : []
        var survivors: [Stage: Survivors] = [:]
        var trials: [Trial] = []
        for stage in stages where parts.contains(.bank) {
            trials.append(Trial(solutionOf: stage, in: grader.repository))
            trials += bank.filter { $0.stage == stage }.map(Trial.init)
        }
        for stage in stages where parts.contains(.mutants) {
            trials += Mutant.all(of: stage, in: grader.repository).map(Trial.init)
            survivors[stage] = try Survivors(of: stage, in: grader.repository)
        }
        let counter = Counter()
        let total = trials.count
        let tried = Crew(size: width).map(trials) { trial in
            let results = grade(trial, runs: runs)
            watch(counter.next(), total)
            return Tried(trial: trial, results: results)
        }
        return MatrixReport(
            stages: stages.map { stage in
                StageMatrix(stage, tried.filter { $0.trial.stage == stage }, survivors[stage])
            }
        )
    }

    /// A program that breaks its suite takes no other program's verdict away.
    private func grade(_ trial: Trial, runs: Int) -> [StageResult] {
        do {
            return try results(of: trial, runs: runs)
        } catch {
            return [StageResult(trial.stage, error)]
        }
    }

    private func results(of trial: Trial, runs: Int) throws(KitFailure) -> [StageResult] {
        var run = SuiteRun()
        // Others are graded at the same time.
        run.processes = 1
        run.stopsAtFailure = trial.expectation == .unknown
        let folder = Leftovers.path("\(grader.repository.cache)/matrix")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let submission = try Submission.write(trial.files, of: trial.stage, into: folder)
        return try grader.grade(trial.stage, of: submission, as: Array(repeating: run, count: runs))
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
