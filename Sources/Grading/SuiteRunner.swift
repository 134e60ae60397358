import Course
import Foundation
import Results
import Supervision

/// Runs a stage's suite in processes of its own, and reads each check's start and end as they happen.
struct SuiteRunner {
    let products: Products
    /// Where the suite keeps the conversations of checks that fail; nil: nowhere.
    var conversations: String?

    /// Runs the suite of `stage` against `programs`: its checks shared out among as many processes as help.
    ///
    /// - Parameters:
    ///   - programs: the folder that holds the stage's programs.
    ///   - check: the one check to run; nil for all.
    ///   - watch: is told every event, the ends of checks in the suite's order. Not called twice at a time.
    /// - Returns: every check of the suite, in its order.
    /// - Throws: ``KitFailure`` where the suite is not built, could not be started, or did not run to its
    ///   end.
    func run(
        _ stage: Stage,
        against programs: String,
        check: String? = nil,
        watch: @escaping @Sendable (CheckEvent) -> Void
    ) throws(KitFailure) -> [CheckResult] {
        // One more than there are processors, up to three: a check waits as often as it works.
        let count = check == nil ? min(3, ProcessInfo.processInfo.activeProcessorCount + 1) : 1
        var suites: [RunningProgram] = []
        for index in 0..<count {
            suites.append(try start(stage, against: programs, check: check, share: "\(index)/\(count)"))
        }
        let tally = SuiteTally(watch: watch)
        DispatchQueue.concurrentPerform(iterations: count) { [suites] in Self.follow(suites[$0], tally) }
        return try tally.results(said: suites.map(\.observed.errorText).joined())
    }

    private static func follow(_ suite: RunningProgram, _ tally: SuiteTally) {
        var read = 0
        while true {
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
