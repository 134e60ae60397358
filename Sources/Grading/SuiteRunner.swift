import Course
import Foundation
import Results
import Supervision

/// Runs a stage's suite in a process of its own, and reads each check's start and end as they happen.
struct SuiteRunner {
    let products: Products

    /// Runs the suite of `stage` against `programs`.
    ///
    /// - Parameters:
    ///   - programs: the folder that holds the stage's programs.
    ///   - check: the one check to run; nil for all.
    ///   - watch: is told every event, as it happens.
    /// - Returns: every check of the suite, in its order. One in which the suite itself crashed, and those
    ///   after it, could not run.
    /// - Throws: ``KitFailure`` where the suite is not built, could not be started, or ran no check.
    func run(
        _ stage: Stage,
        against programs: String,
        check: String? = nil,
        watch: (CheckEvent) -> Void
    ) throws(KitFailure) -> [CheckResult] {
        let suite = try start(stage, against: programs, check: check)
        defer { suite.end(.kill) }
        var tally = SuiteTally()
        var read = 0
        while true {
            let lines = suite.wait(Self.longestCheck) { $0.channelLines.count > read ? $0.channelLines : nil }
            guard let lines else { break }
            for event in lines[read...].compactMap(CheckEvent.init(line:)) {
                tally.take(event)
                watch(event)
            }
            read = lines.count
        }
        suite.end(.kill)
        return try tally.results(said: suite.observed.errorText)
    }

    /// The descriptor at which a suite writes its events.
    private static let channel: Int32 = 100

    /// Above what any check's own deadlines add up to.
    private static let longestCheck = Duration.seconds(120)

    private func start(_ stage: Stage, against programs: String, check: String?) throws(KitFailure)
        -> RunningProgram
    {
        guard var command = products.suiteCommand(stage.suite) else {
            throw KitFailure("the stage tests are not built in \(products.folder)")
        }
        if let check { command[command.count - 1] += "/\(check)" }
        var limits = Limits()
        limits.wall = .seconds(900)
        limits.processorTime = .seconds(900)
        limits.memory = 8 << 30
        limits.processes = 4096
        limits.openFiles = 20_000
        var launch = Launch(command[0], Array(command.dropFirst()), limits: limits)
        launch.environment = ProcessInfo.processInfo.environment
        launch.environment["LAB_SUBJECT"] = programs
        launch.environment["LAB_EVENTS"] = "\(Self.channel)"
        launch.environment["LAB_RECORDER"] = products.recorder
        launch.channel = Self.channel
        launch.input = .empty
        do {
            return try RunningProgram(launch)
        } catch {
            throw KitFailure("\(error)")
        }
    }
}

/// What a suite has told so far.
private struct SuiteTally {
    private var planned: [String] = []
    private var results: [String: CheckResult] = [:]
    private var running: String?

    mutating func take(_ event: CheckEvent) {
        switch event {
        case .planned(let names): planned = names
        case .started(let name): running = name
        case .ended(let result):
            results[result.name] = result
            running = nil
        }
    }

    /// - Parameter said: what the suite wrote to standard error; its end tells why it crashed.
    func results(said: String) throws(KitFailure) -> [CheckResult] {
        if results.isEmpty { throw KitFailure("no check ran:\n\(said.suffix(2000))") }
        return planned.map { name in
            if let result = results[name] { return result }
            let message =
                name == running
                ? "the check itself crashed:\n\(said.suffix(1000))" : "an earlier check crashed"
            return CheckResult(name: name, outcome: .couldNotRun, message: message)
        }
    }
}
