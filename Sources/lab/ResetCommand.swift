import Course
import Foundation
import Grading

/// Writes a stage's starter anew, from its solution.
struct ResetCommand: Command {
    static let name = "reset"
    static let synopsis = "reset STAGE… [--yes]"
    static let summary = "start a stage anew"
    static let discussion = """
        Asks first where your file differs from the starter, or where there are others
        that the starter has not, and keeps what you had.

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
            if try !clear(stage, in: desk) { status = .failed }
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
            guard isSure || agrees("\(path) has changes", to: "Replace it with the starter?") else {
                desk.say("\(path) stays as it is")
                return false
            }
            desk.say("what you had is kept in \(try keep(path, in: stage, desk.repository))")
        }
        try write(starter, to: "\(desk.repository.root)/\(path)")
        desk.say("\(path) is the starter again")
        return true
    }

    /// Takes away the Swift files that the starter has not: a `main.swift` beside it would not build. Returns whether
    /// they have gone.
    private func clear(_ stage: Stage, in desk: Desk) throws -> Bool {
        let folder = desk.repository.labs(stage)
        let ours = stage.programs.map { "\(folder)/\($0.file)" }
        for file in SourceFiles.under(folder, endings: [".swift"]) where !ours.contains(file) {
            let path = "Labs/\(stage.folder)" + file.dropFirst(folder.count)
            guard isSure || agrees("\(path) is not of the starter", to: "Take it away?") else {
                desk.say("\(path) stays where it is")
                return false
            }
            desk.say("\(path) is kept in \(try keep(path, in: stage, desk.repository))")
            do {
                try FileManager.default.removeItem(atPath: file)
            } catch {
                throw KitFailure("can't remove \(path): \(error.reason)")
            }
        }
        return true
    }

    private func agrees(_ finding: String, to question: String) -> Bool {
        guard Terminal.isInput else {
            Terminal.complain("lab: \(finding), and there is nobody to ask: say --yes to start anew")
            return false
        }
        return Terminal.confirms("\(finding). \(question)")
    }

    /// Keeps a copy under a name that none has yet, and returns its path. Hidden, it is no part of the
    /// program.
    private func keep(_ file: String, in stage: Stage, _ repository: Repository) throws -> String {
        let name = URL(filePath: file).deletingPathExtension().lastPathComponent
        let base = "Labs/\(stage.folder)/.before-reset/\(name)"
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
