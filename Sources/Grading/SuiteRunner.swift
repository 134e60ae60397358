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
    /// How many processes share the checks out among them. One more than there are processors, up to three,
    /// brings the verdict sooner where nothing else is to be done: a check waits as often as it works.
    public var processes = min(3, ProcessInfo.processInfo.activeProcessorCount + 1)

    public init() {}

    /// Whether it leaves no check out.
    var isWhole: Bool { check == nil && !stopsAtFailure }
}

/// Runs a stage's suite in processes of its own, and reads each check's start and end as they happen.
struct SuiteRunner {
    let products: Products
    /// Where the suite keeps the conversations of checks that fail; nil: nowhere.
    var conversations: String?

    /// Runs the suite of `stage` against `programs`.
    ///
    /// - Parameters:
    ///   - programs: the folder that holds the stage's programs.
    ///   - watch: is told every event, the ends of checks in the suite's order. Not called twice at a time.
    /// - Returns: every check of the suite, in its order, or those up to the first that failed, where that is
    ///   to be the last.
    /// - Throws: ``KitFailure`` where the suite is not built, could not be started, or did not run to its
    ///   end.
    func run(
        _ stage: Stage,
        against programs: String,
        as run: SuiteRun = SuiteRun(),
        watch: @escaping @Sendable (CheckEvent) -> Void
    ) throws(KitFailure) -> [CheckResult] {
        let count = run.check == nil ? run.processes : 1
        var suites: [RunningProgram] = []
        for index in 0..<count {
            suites.append(try start(stage, against: programs, check: run.check, share: "\(index)/\(count)"))
        }
        let tally = SuiteTally(watch: watch)
        DispatchQueue.concurrentPerform(iterations: count) { [suites] in
            Self.follow(suites[$0], tally, run)
        }
        if run.stopsAtFailure, let results = tally.untilFailure { return results }
        return try tally.results(said: suites.map(\.observed.errorText).joined())
    }

    private static func follow(_ suite: RunningProgram, _ tally: SuiteTally, _ run: SuiteRun) {
        var read = 0
        while !run.stopsAtFailure || tally.untilFailure == nil {
            let lines = suite.wait(longestCheck) { $0.channelLines.count > read ? $0.channelLines : nil }
            guard let lines else { break }
            lines[read...].compactMap(CheckEvent.init(line:)).forEach(tally.take)
            read = lines.count
        }
        suite.end(.kill)
    }

    /// The descriptor at which a suite writes its events.
    private static let channel: Int32 = 100

    /// Above what any check's own deadlines add up to.
    private static let longestCheck = Duration.seconds(120)

    private func start(
        _ stage: Stage,
        against programs: String,
        check: String?,
        share: String
    ) throws(KitFailure) -> RunningProgram {
        guard var command = products.suiteCommand(stage.suite) else {
            throw KitFailure("the stage tests are not built in \(products.folder)")
        }
        if let check { command[command.count - 1] += "/\(check)" }
        var launch = Launch(command[0], Array(command.dropFirst()), limits: .ofKit)
        launch.environment = ProcessInfo.processInfo.environment
        launch.environment["LAB_SUBJECT"] = programs
        launch.environment["LAB_EVENTS"] = "\(Self.channel)"
        launch.environment["LAB_SHARE"] = share
        launch.environment["LAB_RECORDER"] = products.recorder
        // Its scratch folder, in place of ours: what its programs leave behind goes with it, however it ends.
        launch.environment["TMPDIR"] = nil
        launch.environment["LAB_CONVERSATIONS"] = conversations
        launch.channel = Self.channel
        launch.input = .empty
        do {
            return try RunningProgram(launch)
        } catch {
            throw KitFailure("\(error)")
        }
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
