import Foundation
import Supervision

/// A contestant that runs, and listens.
struct ListeningServer {
    let program: RunningProgram
    /// `127.0.0.1:7007`
    let address: String

    /// Starts it, and waits for its status line.
    init(_ contestant: Contestant) throws(DoesNotListen) {
        do {
            program = try RunningProgram(Launch.ofBench(contestant.executable, ["0"]))
        } catch {
            throw DoesNotListen(reason: "\(error.call): \(String(cString: strerror(error.code)))")
        }
        let beginning = "listening on "
        guard let line = program.firstLine(within: .seconds(10)), line.hasPrefix(beginning) else {
            let reason = program.endingText ?? "it does not say that it listens"
            let isUnwritten = program.observed.ending == .exited(77)
            program.end(.kill)
            throw DoesNotListen(reason: reason, isUnwritten: isUnwritten)
        }
        address = String(line.dropFirst(beginning.count))
    }
}

/// A server that can't be measured, since it doesn't come to listen.
public struct DoesNotListen: Error, Hashable, Sendable {
    public let reason: String
    /// Whether a step of it is still to be written.
    public let isUnwritten: Bool

    public init(reason: String, isUnwritten: Bool = false) {
        self.reason = reason
        self.isUnwritten = isUnwritten
    }
}

extension Contestant {
    /// Starts the server once, and ends it as soon as it listens.
    ///
    /// - Throws: why it does not listen.
    public func checkThatItListens() throws(DoesNotListen) {
        try ListeningServer(self).program.end(.kill)
    }
}

extension RunningProgram {
    /// The first line of its output; nil where there is none in time, or before its end.
    func firstLine(within allowance: Duration) -> String? {
        let line = wait(allowance) { $0.outputLines.first ?? ($0.ending != nil ? "" : nil) }
        return line?.isEmpty == false ? line : nil
    }

    /// How it ended by itself, and the last that it said; nil where it has not ended.
    var endingText: String? {
        // What has just ended may not have been reported yet.
        guard let ending = waitForEnding(.milliseconds(200)) else { return nil }
        let how =
            switch ending {
            case .exited(let status): "it ended with status \(status)"
            case .signalled(let number): "it was ended by signal \(number)"
            case .limit(let limit): "it went above the limit: \(limit.rawValue)"
            }
        let said = observed.errorText.split(separator: "\n").last
        // The line of a step that is still to be written says it all.
        if let said, ending == .exited(77) { return String(said) }
        return how + (said.map { ": \($0)" } ?? "")
    }
}

extension Launch {
    /// A server under load, or what puts it there: a thousand processes, each with all the memory that it shares
    /// with the others, and two lines of output for each of a great many clients.
    static func ofBench(_ executable: String, _ arguments: [String]) -> Launch {
        var limits = Limits()
        limits.wall = .seconds(1800)
        limits.processorTime = .seconds(36_000)
        limits.memory = 64 << 30
        limits.processes = 4096
        limits.openFiles = 20_000
        limits.output = 1 << 30
        let environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", "LANG": "C"]
        return Launch(executable, arguments, environment: environment, limits: limits)
    }
}
