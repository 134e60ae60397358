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
        let server: ListeningServer
        do throws(DoesNotListen) {
            server = try ListeningServer(contestant)
        } catch {
            return Tally(trouble: error.reason, isMistake: true)
        }
        defer { server.program.end(.kill) }
        var plan = plan
        plan.server = server.address
        let program = try RunningProgram(Launch.ofBench(generator, [JSONFormat.line(plan)]))
        defer { program.end(.kill) }
        return measure(server.program, with: program)
    }

    private func measure(_ server: RunningProgram, with generator: RunningProgram) -> Tally {
        // The load begins once the generator is told so, and holds its connections at the end.
        _ = generator.firstLine(within: .seconds(60))
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
            switch trouble {
            case .serves, .unable: break
            default:
                tally.isMistake = true
                if let ending = server.endingText { tally.trouble = ending }
            }
        }
        return tally
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
}
