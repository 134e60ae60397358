import Course
import Foundation
import Grading
import Results

/// Gives the next hint for a step: each call tells a little more.
struct HintCommand: Command {
    static let name = "hint"
    static let synopsis = "hint [STAGE] [STEP] [--all]"
    static let summary = "a nudge for the step that you are at; call again for more"
    static let discussion = """
        Without STEP, for the first step that has not passed when the stage was last
        checked. There are three hints for each step: the last is nearly the line.

          --all    all hints of the step at once
        """

    private let stage: Stage?
    private let step: Int?
    private let showsAll: Bool

    init(_ words: inout Words) throws {
        showsAll = words.takeFlag("--all")
        let names = try words.finish(options: ["--all"], atMost: 2)
        step = try names.dropFirst().first.map { word in
            guard let number = Int(word) else { throw WrongUsage(message: "a step is a number: \(word)") }
            return number
        }
        stage = try names.first.map(Stage.init)
    }

    func run(in desk: Desk) throws -> ExitStatus {
        let stage = stage ?? desk.current()
        let hints = desk.repository.hints(stage)
        let step = step ?? desk.openStep(of: stage) ?? hints.steps.first ?? 1
        let all = hints.forStep(step)
        if hints.steps.isEmpty { throw MissingFile(path: "Labs/\(stage.folder)/HINTS.md") }
        if all.isEmpty {
            let steps = hints.steps.map(String.init).joined(separator: ", ")
            throw WrongUsage(message: "\(stage.rawValue) has hints for the steps \(steps), not for \(step)")
        }
        let given = HintsGiven(repository: desk.repository, stage: stage, step: step)
        let index = min(given.count, all.count - 1)
        let shown = showsAll ? Array(all.indices) : [index]
        for index in shown {
            desk.say(desk.style.bold("\(stage.rawValue), step \(step), hint \(index + 1) of \(all.count)"))
            desk.say()
            desk.say(all[index])
            desk.say()
        }
        given.remember(shown.count == 1 ? index + 1 : all.count)
        if !showsAll && index + 1 < all.count {
            desk.say("One more: \(desk.command("hint \(stage.rawValue) \(step)"))")
        } else {
            desk.say("That was the last. The stage's handout: \(desk.command("show \(stage.rawValue)"))")
        }
        return .passed
    }
}

/// How many hints of a step have been given.
private struct HintsGiven {
    private let path: String

    init(repository: Repository, stage: Stage, step: Int) {
        path = "\(repository.cache)/hints/\(stage.rawValue)-\(step)"
    }

    var count: Int {
        FileManager.default.contents(atPath: path).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    /// Where it can't be written, the next call gives the same hint once more.
    func remember(_ count: Int) {
        let url = URL(filePath: path)
        try? FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try? Data("\(count)".utf8).write(to: url)
    }
}
