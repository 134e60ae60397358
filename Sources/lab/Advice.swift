import Course
import Results

/// What to do next, after a stage's verdict.
struct Advice {
    let text: String?

    init(after result: StageResult, of stage: Stage, in desk: Desk) {
        switch result.state {
        case .passed:
            let next = stage.next.map { "next: \(desk.command("show \($0.rawValue)"))" }
            text = [
                next ?? "That was the last stage.",
                "your way beside ours: \(desk.command("compare \(stage.rawValue)"))",
            ]
            .joined(separator: "\n")
        case .failed, .inProgress, .notStarted:
            text = result.openCheck.map { check in
                let trace = FailedCheck(check.name, of: stage, in: desk.repository)
                let lines = [
                    "stuck? \(desk.command("hint \(stage.rawValue) \(check.openStep)"))",
                    trace.exists
                        ? "see it: \(desk.command("trace \(stage.rawValue) --failed"))" : "",
                ]
                return lines.filter { !$0.isEmpty }.joined(separator: "\n")
            }
        case .doesNotBuild, .couldNotRun:
            text = nil
        }
    }
}
