import Foundation
import LoadGeneration
import Results
import Supervision

/// One server under one load, once: started for it, and ended after it.
struct Turn {
    let contestant: Contestant
    let generator: String
    let plan: LoadPlan

    /// - Throws: why the load generator could not be started.
    func run() throws(LaunchError) -> Tally {
        let server: RunningProgram
        do {
            server = try start(contestant.executable, ["0"])
        } catch {
            return Tally(trouble: "\(error.call): \(String(cString: strerror(error.code)))", isMistake: true)
        }
        defer { server.end(.kill) }
        guard let address = listeningAddress(of: server) else {
            return Tally(trouble: ending(of: server) ?? "it does not say that it listens", isMistake: true)
        }
        var plan = plan
        plan.server = address
        let program = try start(generator, [JSONFormat.line(plan)])
        defer { program.end(.kill) }
        return measure(server, with: program)
    }

    private func measure(_ server: RunningProgram, with generator: RunningProgram) -> Tally {
        // The load begins once the generator is told so, and holds its connections at the end.
        _ = line(1, of: generator)
        let before = server.processorUse().running
        try? generator.send([UInt8(ascii: "\n")])
        let outcome = outcome(of: generator)
        let after = server.processorUse().running
        var tally = Tally(memory: server.memory())
        tally.processorTime = after > before ? after - before : nil
        switch outcome {
        case .measured(let figures): tally.figures = figures
        case .failed(let trouble):
            tally.trouble = trouble.description
            if case .serves = trouble { break }
            tally.isMistake = true
            if let ending = ending(of: server) { tally.trouble = ending }
        }
        return tally
    }

    // MARK: - The two programs

    private func start(_ executable: String, _ arguments: [String]) throws(LaunchError) -> RunningProgram {
        var limits = Limits()
        limits.wall = .seconds(300 + 10 * plan.seconds)
        limits.processorTime = limits.wall * 64
        // A thousand processes, each with all that it shares with the others.
        limits.memory = 64 << 30
        limits.processes = 4096
        limits.openFiles = 20_000
        limits.output = 1 << 30
        var launch = Launch(executable, arguments, limits: limits)
        launch.environment = ProcessInfo.processInfo.environment
        launch.environment["TMPDIR"] = nil
        return try RunningProgram(launch)
    }

    /// Of the first status line: `listening on 127.0.0.1:7007`.
    private func listeningAddress(of server: RunningProgram) -> String? {
        let line = line(1, of: server, within: .seconds(5))
        guard let line, line.hasPrefix("listening on ") else { return nil }
        return String(line.dropFirst("listening on ".count))
    }

    /// How the server ended by itself; nil where it has not.
    private func ending(of server: RunningProgram) -> String? {
        guard let ending = server.waitForEnding(.milliseconds(200)) else { return nil }
        let how =
            switch ending {
            case .exited(let status): "it ended with status \(status)"
            case .signalled(let number): "it was ended by signal \(number)"
            case .limit(let limit): "it went above the limit: \(limit.rawValue)"
            }
        let said = server.observed.errorText.split(separator: "\n").last
        return how + (said.map { ": \($0)" } ?? "")
    }

    private func outcome(of generator: RunningProgram) -> Outcome {
        let time = Duration.seconds(60 + 4 * plan.seconds + 20 * plan.patience)
        // The first line is `ready`, unless the load never began.
        let seen = generator.wait(time) { seen -> Observation? in
            let isDone = seen.output.last == UInt8(ascii: "\n") && seen.output.count > "ready\n".utf8.count
            return isDone || seen.ending != nil ? seen : nil
        }
        let text = seen?.outputLines.last { $0 != "ready" }
        if let text, let outcome = try? JSONDecoder().decode(Outcome.self, from: Data(text.utf8)) {
            return outcome
        }
        return .failed(.unable("the load generator \(seen == nil ? "took too long" : "ended")"))
    }

    /// A line of a program's output; nil where there is none within some time.
    private func line(
        _ number: Int,
        of program: RunningProgram,
        within allowance: Duration = .seconds(60)
    ) -> String? {
        program.wait(allowance) { seen in
            let lines = seen.outputLines
            return lines.count >= number ? lines[number - 1] : seen.ending != nil ? "" : nil
        }
    }
}
