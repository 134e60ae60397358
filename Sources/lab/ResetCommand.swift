import Course
import Foundation
import Grading

/// Writes a stage's starter anew, from its solution.
struct ResetCommand: Command {
    static let name = "reset"
    static let synopsis = "reset STAGE… [--yes]"
    static let summary = "start a stage anew"
    static let discussion = """
        Asks first where your file differs from the starter, and keeps a copy of it.

          --yes    don't ask
        """

    private let stages: [Stage]
    private let isSure: Bool

    init(_ words: inout Words) throws {
        isSure = words.takeFlag("--yes")
        stages = try words.finish(options: ["--yes"]).map(Stage.init)
        if stages.isEmpty {
            throw WrongUsage(message: "which stage? It is named, since it is your work that goes")
        }
    }

    func run(in desk: Desk) throws -> ExitStatus {
        var status = ExitStatus.passed
        for stage in stages {
            for program in stage.programs {
                if try !reset(program, of: stage, in: desk) { status = .failed }
            }
        }
        return status
    }

    /// Returns whether the starter is there now.
    private func reset(_ program: Program, of stage: Stage, in desk: Desk) throws -> Bool {
        let path = "Labs/\(stage.folder)/\(program.file)"
        guard let starter = desk.repository.solution(of: program, in: stage)?.starter else {
            throw MissingFile(path: "Solutions/\(stage.folder)/\(program.file)")
        }
        if desk.repository.submission(of: program, in: stage) == starter {
            desk.say("\(path) is the starter already")
            return true
        }
        if FileManager.default.fileExists(atPath: "\(desk.repository.root)/\(path)") {
            guard isSure || mayReplace(path) else {
                desk.say("\(path) stays as it is")
                return false
            }
            desk.say("what you had is kept in \(try keep(path, of: program, in: stage, desk.repository))")
        }
        try write(starter, to: "\(desk.repository.root)/\(path)")
        desk.say("\(path) is the starter again")
        return true
    }

    private func mayReplace(_ path: String) -> Bool {
        guard Terminal.isInput else {
            Terminal.complain("lab: \(path) has changes, and there is nobody to ask: say --yes to replace it")
            return false
        }
        return Terminal.confirms("\(path) has changes. Replace it with the starter?")
    }

    /// Keeps a copy under a name that none has yet, and returns its path. Hidden, it is no part of the
    /// program.
    private func keep(
        _ file: String,
        of program: Program,
        in stage: Stage,
        _ repository: Repository
    ) throws -> String {
        let base = "Labs/\(stage.folder)/.before-reset/\(program.typeName)"
        var number = 1
        while FileManager.default.fileExists(atPath: "\(repository.root)/\(base)-\(number).swift") {
            number += 1
        }
        let path = "\(base)-\(number).swift"
        // The file itself, and not its text: not all bytes are UTF-8.
        let copy = "\(repository.root)/\(path)"
        try make(copy) {
            try FileManager.default.copyItem(atPath: "\(repository.root)/\(file)", toPath: copy)
        }
        return path
    }

    private func write(_ text: String, to path: String) throws {
        try make(path) { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) }
    }

    /// Has `body` make the file at `path`, in a folder that is there.
    private func make(_ path: String, _ body: () throws -> Void) throws {
        do {
            let folder = URL(filePath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try body()
        } catch {
            throw KitFailure("can't write \(path): \(error.reason)")
        }
    }
}
