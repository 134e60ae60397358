import Foundation
import Supervision

/// A tool of the toolchain, run to its end.
enum Tool {
    /// What is left of a run of a tool.
    struct Finished {
        let succeeded: Bool
        /// What it wrote to standard output, then what it wrote to standard error.
        let text: String
    }

    /// Runs a tool, within limits that are wide: what it works on is not its own fault.
    ///
    /// - Parameter command: the path of the tool, and its arguments. It runs in a folder of its own, so paths
    ///   are absolute.
    static func run(_ command: [String]) throws(KitFailure) -> Finished {
        var launch = Launch(command[0], Array(command.dropFirst()), limits: .ofKit)
        launch.environment = ProcessInfo.processInfo.environment
        launch.environment["TMPDIR"] = nil
        launch.input = .empty
        do {
            let program = try RunningProgram(launch)
            let ending = program.waitForEnding(launch.limits.wall)
            program.end(.kill)
            guard case .exited = ending else {
                throw KitFailure("\(command[0]) was ended: \(ending.map { "\($0)" } ?? "it took too long")")
            }
            let seen = program.observed
            return Finished(succeeded: ending == .exited(0), text: seen.outputText + seen.errorText)
        } catch let error as KitFailure {
            throw error
        } catch {
            throw KitFailure("\(error)")
        }
    }
}
