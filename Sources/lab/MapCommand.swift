import Course
import Grading
import Results

/// Draws the course: where one stands, and what comes next. What `lab` alone does.
struct MapCommand: Command {
    static let name = "map"
    static let synopsis = "map"
    static let summary = "where you stand, and the next step (what lab alone does)"
    static let discussion = "Grades the stages that have changed since they were last graded."

    init(_ words: inout Words) throws {
        _ = try words.finish(options: [], atMost: 0)
    }

    func run(in desk: Desk) throws -> ExitStatus {
        let grader = try desk.grader()
        var results: [StageResult] = []
        for stage in Stage.allCases {
            desk.progress.show("grading \(stage.rawValue) …")
            // What could not run may be able to now.
            if let known = try? grader.remembered(stage, of: .labs),
                known.checks.allSatisfy({ $0.outcome != .couldNotRun })
            {
                results.append(known)
            } else {
                results.append(grader.result(of: stage, of: .labs))
            }
            desk.progress.clear()
        }
        draw(results, in: desk)
        return ExitStatus(of: results) == .kit ? .kit : .passed
    }

    private func draw(_ results: [StageResult], in desk: Desk) {
        let style = desk.style
        let report = GradeReport(of: zip(Stage.allCases, results))
        let total = "\(TextFormat.points(report.score)) of \(TextFormat.points(report.maxScore)) points"
        let bonus = "\(TextFormat.points(report.bonus)) of \(TextFormat.points(report.maxBonus)) beyond"
        desk.say(style.bold("Socket Lab") + "  a TCP echo server and client, one call at a time" + "\n")
        let open = zip(Stage.allCases, results).first { $0.1.state != .passed }
        for (stage, result) in zip(Stage.allCases, results) {
            if stage.isBonus, stage.number > 1, !Stage.allCases[stage.number - 2].isBonus { desk.say() }
            desk.say(row(stage, result, isNext: stage == open?.0, style: style))
        }
        desk.say("\n  \(style.bold(total)), \(bonus)\n")
        for (stage, result) in zip(Stage.allCases, results) where result.state == .couldNotRun {
            desk.say("  \(stage.rawValue) could not run: \(result.reason)\n")
        }
        if let open { desk.say(nextStep(open.0, open.1, in: desk)) } else { desk.say("All stages passed.") }
    }

    private func row(_ stage: Stage, _ result: StageResult, isNext: Bool, style: Style) -> String {
        let name = stage.folder.padded(to: 15)
        let points = "\(TextFormat.points(result.score))/\(TextFormat.points(result.maxScore))"
        // Padded before it is painted: the escape sequences have no width.
        let columns =
            "\(isNext ? "▸" : " ") \(name)\(Self.word(result.state).padded(to: 15))\(points.padded(to: 8))"
        let painted =
            switch result.state {
            case .passed: style.green(columns)
            case .failed, .doesNotBuild: style.red(columns)
            case .inProgress, .couldNotRun: style.yellow(columns)
            case .notStarted: isNext ? style.bold(columns) : columns
            }
        return "  \(painted)\(style.dim(stage.summary))"
    }

    private func nextStep(_ stage: Stage, _ result: StageResult, in desk: Desk) -> String {
        let step = result.openCheck?.openStep ?? 1
        let program = stage.programs.first { program in
            desk.repository.solution(of: program, in: stage)?.steps.contains { $0.number == step } == true
        }
        let file = "Labs/\(stage.folder)/\((program ?? stage.programs[0]).file)"
        let what = result.state == .doesNotBuild ? "\(file) does not build" : "step \(step), in \(file)"
        return """
              next: \(desk.style.bold(what))
                \(desk.command("show \(stage.rawValue)").padded(to: 34))read the handout
                \(desk.command("check \(stage.rawValue)").padded(to: 34))see what is right and what is not
                \(desk.command("help").padded(to: 34))what else there is
            """
    }

    private static func word(_ state: StageResult.State) -> String { TextFormat(style: .plain).state(state) }
}

extension StageResult {
    /// Why it could not run: what the kit says, or its first check.
    fileprivate var reason: String {
        diagnostics.isEmpty ? checks.first?.message ?? "there are no checks" : diagnostics
    }
}

extension String {
    /// With spaces at its end, so that it is `width` characters wide at least.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
