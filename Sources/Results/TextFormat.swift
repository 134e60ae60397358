/// Results as people read them in a terminal.
public struct TextFormat: Sendable {
    private let style: Style

    public init(style: Style) {
        self.style = style
    }

    /// One check: its outcome in a line, and below it why it did not pass. See ``notReached(_:)`` too.
    ///
    /// - Parameter earlier: the checks that were shown before it: what has the same cause as one of them is
    ///   told once.
    public func check(_ check: CheckResult, after earlier: [CheckResult] = []) -> String {
        let line = "\(mark(check.outcome)) step \(check.step) · \(check.title)"
        if let cause = check.cause, earlier.contains(where: { $0.cause?.isSame(as: cause) == true }) {
            return line + "\n    cause      the same as above"
        }
        switch check.outcome {
        case .passed: return line
        case .notReached: return style.dim(line)
        case .failed, .skipped, .couldNotRun:
            return ([line] + indented(check.message)).joined(separator: "\n")
        }
    }

    /// A whole stage: its checks, or why there are none, and its score.
    public func stage(_ result: StageResult) -> String {
        let checks = result.checks.filter { $0.outcome != .notReached }
        let reached = checks.indices.map { check(checks[$0], after: Array(checks[..<$0])) }
        let rest = notReached(result).map { [$0] } ?? []
        return ([style.bold(result.stage)] + reached + rest + remarks(result) + [summary(result)])
            .joined(separator: "\n")
    }

    /// The checks that have passed: each, where all have; else how many, since what is wrong is to be in sight.
    public func passed(_ result: StageResult) -> [String] {
        let passed = result.checks.filter { $0.outcome == .passed }
        if passed.count == result.checks.count { return passed.map { check($0) } }
        let checks = passed.count == 1 ? "1 check" : "\(passed.count) checks"
        return passed.isEmpty ? [] : ["\(mark(.passed)) \(checks) passed"]
    }

    /// How many checks wait for one that did not pass, in one line for all; nil where none does.
    public func notReached(_ result: StageResult) -> String? {
        let count = result.checks.filter { $0.outcome == .notReached }.count
        if count == 0 { return nil }
        return style.dim(
            count == 1 ? "- 1 more check waits for that" : "- \(count) more checks wait for that"
        )
    }

    /// A stage's name, state and score, in a line.
    public func summary(_ result: StageResult) -> String {
        let points = "\(Self.points(result.score)) of \(Self.points(result.maxScore)) points"
        return "\(style.bold(result.stage)): \(state(result.state)), \(points)"
    }

    /// What the compiler said, or why the suite could not run.
    public func remarks(_ result: StageResult) -> [String] {
        result.diagnostics.isEmpty ? [] : indented(result.diagnostics)
    }

    /// A whole submission.
    public func report(_ report: GradeReport) -> String {
        var lines = report.stages.map { stage($0) + "\n" }
        lines.append("score  \(Self.points(report.score)) of \(Self.points(report.maxScore))")
        if report.maxBonus > 0 {
            lines.append("bonus  \(Self.points(report.bonus)) of \(Self.points(report.maxBonus))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Points without needless zeros: `10`, `7.5`, `6.67`.
    public static func points(_ points: Double) -> String {
        points == points.rounded() ? String(Int(points)) : String(points)
    }

    /// In one word or two.
    public func state(_ state: StageResult.State) -> String {
        switch state {
        case .passed: style.green("passed")
        case .failed: style.red("failed")
        case .inProgress: style.yellow("in progress")
        case .notStarted: "not started"
        case .doesNotBuild: style.red("does not build")
        case .couldNotRun: style.yellow("could not run")
        }
    }

    private func mark(_ outcome: CheckResult.Outcome) -> String {
        switch outcome {
        case .passed: style.green("✓")
        case .failed: style.red("✗")
        case .skipped: style.yellow("…")
        case .notReached: "-"
        case .couldNotRun: style.yellow("?")
        }
    }

    private func indented(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    \($0)" }
    }
}

extension String {
    /// Whether both tell the same cause: ports and counts differ from run to run.
    fileprivate func isSame(as other: String) -> Bool {
        filter { !$0.isNumber } == other.filter { !$0.isNumber }
    }
}
