import Course
import Grading
import Results
import Synchronization

/// Grades stages, and shows each check that does not pass as soon as it ends.
struct CheckCommand: Command {
    static let name = "check"
    static let synopsis = "check [STAGE…]"
    static let summary = "run the checks of a stage"
    static let discussion = "Without STAGE, of the first stage that has not passed."

    private let stages: [Stage]

    init(_ words: inout Words) throws {
        stages = try words.finish(options: []).map(Stage.init)
    }

    func run(in desk: Desk) throws -> ExitStatus {
        let grader = try desk.grader()
        var results: [StageResult] = []
        for stage in stages.isEmpty ? [desk.current()] : stages {
            if !results.isEmpty { desk.say() }
            results.append(check(stage, with: grader, in: desk))
        }
        return ExitStatus(of: results)
    }

    private func check(_ stage: Stage, with grader: Grader, in desk: Desk) -> StageResult {
        let format = TextFormat(style: desk.style)
        desk.say(desk.style.bold("\(stage.folder)") + " · \(stage.summary)")
        desk.progress.show("  building …")
        let shown = Mutex<[CheckResult]>([])
        let result = grader.result(of: stage, of: .labs) { event in
            desk.progress.clear()
            switch event {
            case .planned: break
            case .started(let name):
                desk.progress.show("  \(CheckResult(name: name, outcome: .passed).title) …")
            case .ended(let check) where [.passed, .notReached].contains(check.outcome): break
            case .ended(let check):
                shown.withLock { shown in
                    desk.say(format.check(check, after: shown))
                    shown.append(check)
                }
            }
        }
        desk.progress.clear()
        format.passed(result).forEach { desk.say($0) }
        if let rest = format.notReached(result) { desk.say(rest) }
        format.remarks(result).forEach { desk.say($0) }
        desk.say(format.summary(result))
        if let advice = Advice(after: result, of: stage, in: desk).text { desk.say("\n" + advice) }
        return result
    }
}
