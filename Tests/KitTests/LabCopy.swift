import Course
import Foundation
import Supervision
import XCTest

/// A copy of the checkout in which tests may do as a student does: its Labs and what `lab` remembers are its
/// own.
final class LabCopy: Sendable {
    let repository: Repository
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        repository = Repository(root: scratch.path)
        let original = Checkout.repository
        let files = FileManager.default
        for name in ["Package.swift", "Sources", "Tests", "Solutions"] {
            try files.createSymbolicLink(
                atPath: "\(scratch.path)/\(name)",
                withDestinationPath: "\(original.root)/\(name)"
            )
        }
        for stage in Stage.allCases {
            for program in stage.programs { try reset(stage, program, to: solution(stage, program).starter) }
            for page in ["README.md", "HINTS.md"] {
                try files.copyItem(
                    atPath: "\(original.labs(stage))/\(page)",
                    toPath: "\(repository.labs(stage))/\(page)"
                )
            }
        }
        // LabSupport is the same in both: where it is built already, it isn't built once more.
        try files.createDirectory(atPath: repository.cache, withIntermediateDirectories: true)
        let built = (try? files.contentsOfDirectory(atPath: original.cache)) ?? []
        for name in built where name.hasPrefix("LabSupport-") && !name.contains("draft") {
            try files.createSymbolicLink(
                atPath: "\(repository.cache)/\(name)",
                withDestinationPath: "\(original.cache)/\(name)"
            )
        }
    }

    func solution(_ stage: Stage, _ program: Program? = nil) throws -> Solution {
        try XCTUnwrap(Checkout.repository.solution(of: program ?? stage.programs[0], in: stage))
    }

    /// Gives the file of a stage's program, of its first, where none is named, another text.
    func reset(_ stage: Stage, _ program: Program? = nil, to text: String) throws {
        try scratch.write(text, to: "Labs/\(stage.folder)/\((program ?? stage.programs[0]).file)")
    }

    func solve(_ stage: Stage) throws {
        try reset(stage, to: solution(stage).text)
    }

    /// What is left of a run of `lab`.
    struct Run {
        let status: Int32?
        let output: String
        let errors: String

        var lines: [String] { output.components(separatedBy: "\n") }
    }

    /// Runs `lab` in the copy's top folder, to its end.
    func lab(_ arguments: String..., environment: [String: String] = [:]) throws -> Run {
        let program = try start(arguments, environment: environment) { $0.input = .empty }
        return try finish(program)
    }

    /// Runs `lab` on a terminal, to its end.
    ///
    /// - Parameter answer: what is typed once it asks something; nil where nothing is to be typed.
    func labOnTerminal(
        _ arguments: String...,
        answer: String? = nil,
        environment: [String: String] = [:]
    ) throws -> Run {
        let program = try start(arguments, environment: environment) { $0.terminal = true }
        if let answer {
            XCTAssertNotNil(program.wait(.seconds(30)) { $0.outputText.hasSuffix("[y/N] ") ? true : nil })
            try program.send(Array("\(answer)\n".utf8))
        }
        return try finish(program)
    }

    /// Starts `lab` in a folder: a program that runs under supervision has a folder of its own, so the shell
    /// changes it.
    func start(
        _ arguments: [String],
        in folder: String? = nil,
        executable: String? = nil,
        environment: [String: String] = [:],
        _ change: (inout Launch) -> Void = { _ in }
    ) throws -> RunningProgram {
        let lab = try XCTUnwrap(executable ?? Products.besideThisProgram.program("lab"), "lab is not built")
        let script = "cd \"$0\" && exec \"$@\""
        var launch = Launch("/bin/sh", ["-c", script, folder ?? repository.root, lab] + arguments)
        launch.environment = ProcessInfo.processInfo.environment
        launch.environment["LAB_IS_BUILT"] = "1"
        launch.environment["TERM"] = "xterm"
        launch.environment["NO_COLOR"] = nil
        launch.environment.merge(environment) { $1 }
        launch.limits.memory = 8 << 30
        launch.limits.processes = 4096
        change(&launch)
        return try RunningProgram(launch)
    }

    func finish(_ program: RunningProgram) throws -> Run {
        let seen = try XCTUnwrap(program.wait(.seconds(60)) { $0.isOver ? $0 : nil }, "lab should have ended")
        return Run(status: seen.ending?.status, output: seen.outputText, errors: seen.errorText)
    }
}
