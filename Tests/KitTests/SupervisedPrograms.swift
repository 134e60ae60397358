import Foundation
import Supervision
import XCTest

/// Programs for the tests of Supervision: scripts of the shell.
extension XCTestCase {
    /// Runs a script.
    func run(_ script: String, _ change: (inout Launch) -> Void = { _ in }) throws -> RunningProgram {
        var launch = Launch("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
        change(&launch)
        return try RunningProgram(launch)
    }

    /// Everything that was to be seen of a program, which has to end by itself.
    func everything(of program: RunningProgram) throws -> Observation {
        try XCTUnwrap(program.wait(.seconds(10)) { $0.isOver ? $0 : nil }, "it should have ended")
    }

    /// The next line of the output after those in `count`, as a process's number.
    func process(_ program: RunningProgram, line index: Int = 0) throws -> pid_t {
        let line = program.wait(.seconds(10)) { $0.outputLines.dropFirst(index).first }
        return try XCTUnwrap(line.flatMap { pid_t($0) }, "\(program.observed)")
    }

    /// Whether there is such a process, one that has ended and was not waited for included.
    func exists(_ process: pid_t) -> Bool {
        kill(process, 0) == 0
    }

    /// Whether there is such a process, and it has not ended. One that lost its warden is init's child, which
    /// may be slow to wait for it.
    func runs(_ process: pid_t) -> Bool {
        let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return exists(process) && state?.contains(") Z ") != true
    }
}
