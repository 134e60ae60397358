import Course
import Foundation
import Results
import Supervision

/// How a suite is run.
public struct SuiteRun: Sendable {
    /// The one check to run; nil for all.
    public var check: String?
    /// Whether the first check that fails is the last to run: enough to know that a program is wrong.
    public var stopsAtFailure = false
    /// How many processes share the checks out among them. Two more than there are processors, up to four,
    /// bring the verdict sooner where nothing else is to be done: a check waits as often as it works.
    public var processes = min(4, ProcessInfo.processInfo.activeProcessorCount + 2)

    public init() {}

    /// Whether it leaves no check out.
    var isWhole: Bool { check == nil && !stopsAtFailure }
}

/// A stage's suite, in processes of its own. They load while the programs are still being built, and then share
/// the checks out among them.
struct SuiteRunner {
    private let suites: [SuiteProcess]
    private let run: SuiteRun

    /// Starts the processes. They wait for ``check(watch:)``, and are gone with the last copy of this.
    ///
    /// - Parameters:
    ///   - programs: the folder that is going to hold the stage's programs.
    ///   - conversations: where the suite keeps the conversations of checks that fail; nil: nowhere.
    /// - Throws: ``KitFailure`` where the suite is not built, or could not be started.
    init(
        _ stage: Stage,
        against programs: String,
        as run: SuiteRun,
        conversations: String?,
        in products: Products
    ) throws(KitFailure) {
        let launch = try Launch(
            suiteOf: stage,
            against: programs,
            check: run.check,
            conversations: conversations,
            in: products
        )
        var suites: [SuiteProcess] = []
        do {
            for _ in 0..<(run.check == nil ? run.processes : 1) {
                suites.append(SuiteProcess(try RunningProgram(launch)))
            }
        } catch {
            throw KitFailure("\(error)")
        }
        (self.suites, self.run) = (suites, run)
    }

    /// Runs the checks. To be called once.
    ///
    /// - Parameter watch: is told every event, the ends of checks in the suite's order. Not called twice at a
    ///   time.
    /// - Returns: every check of the suite, in its order, or those up to the first that failed, where that is
    ///   to be the last.
    /// - Throws: ``KitFailure`` where the suite did not run to its end.
    func check(watch: @escaping @Sendable (CheckEvent) -> Void) throws(KitFailure) -> [CheckResult] {
        let tally = SuiteTally(watch: watch)
        // All others depend on the first check: it runs by itself, and only once.
        if suites[0].waitUntilFree(telling: tally) { suites[0].runNextCheck(of: tally) }
        if suites[0].waitUntilFree(telling: tally) {
            _ = Crew(size: suites.count).map(suites) { suite in
                while isWanted(tally), suite.waitUntilFree(telling: tally), suite.runNextCheck(of: tally) {}
            }
        }
        for suite in suites { suite.program.end(.kill) }
        if run.stopsAtFailure, let results = tally.untilFailure { return results }
        return try tally.results(said: suites.map(\.program.observed.errorText).joined())
    }

    /// Whether a check is to follow.
    private func isWanted(_ tally: SuiteTally) -> Bool {
        !run.stopsAtFailure || tally.untilFailure == nil
    }
}

extension Launch {
    fileprivate init(
        suiteOf stage: Stage,
        against programs: String,
        check: String?,
        conversations: String?,
        in products: Products
    ) throws(KitFailure) {
        guard var command = products.suiteCommand(stage.suite) else {
            throw KitFailure("the stage tests are not built in \(products.folder)")
        }
        if let check { command[command.count - 1] += "/\(check)" }
        self.init(command[0], Array(command.dropFirst()), limits: .ofKit)
        // The descriptor at which the suite writes its events.
        let channel: Int32 = 100
        self.channel = channel
        environment = ProcessInfo.processInfo.environment
        environment["LAB_SUBJECT"] = programs
        environment["LAB_EVENTS"] = "\(channel)"
        environment["LAB_RECORDER"] = products.recorder
        // Its scratch folder, in place of ours: what its programs leave behind goes with it, however it ends.
        environment["TMPDIR"] = nil
        environment["LAB_CONVERSATIONS"] = conversations
    }
}

extension Limits {
    /// Wide, since what a part of the kit works on is not its own fault.
    static var ofKit: Limits {
        var limits = Limits()
        limits.wall = .seconds(900)
        limits.processorTime = .seconds(1800)
        limits.memory = 8 << 30
        limits.processes = 4096
        limits.openFiles = 20_000
        limits.fileSize = 4 << 30
        return limits
    }
}
