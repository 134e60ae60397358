/// What came of one stage.
public struct StageResult: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable {
        case passed
        case failed
        /// None failed, and steps are still to be written.
        case inProgress
        /// The program is as the kit gave it: all steps are still to be written.
        case notStarted
        case doesNotBuild
        /// The kit could not find out, and that is no fault of the program.
        case couldNotRun
    }

    /// The stage's name: `bind`.
    public let stage: String
    public let state: State
    /// The points earned, to the hundredth.
    public let score: Double
    public let maxScore: Double
    public let checks: [CheckResult]
    /// What the compiler said, where the program did not build, or why nothing could be run. Else empty.
    public let diagnostics: String

    /// The result of a stage whose suite ran.
    ///
    /// - Parameters:
    ///   - weights: how much a check counts by its name; 1 for those not named.
    ///   - isStarter: whether the program is as the kit gave it: then it is not started.
    ///   - diagnostics: what else is to be told about the run.
    public init(
        stage: String,
        maxScore: Double,
        checks: [CheckResult],
        weights: [String: Double] = [:],
        isStarter: Bool = false,
        diagnostics: String = ""
    ) {
        let counted = checks.filter { $0.counts(among: checks) }
        let possible = counted.reduce(0) { $0 + (weights[$1.name] ?? 1) }
        let earned = counted.filter { $0.outcome == .passed }.reduce(0) { $0 + (weights[$1.name] ?? 1) }
        self.stage = stage
        self.maxScore = maxScore
        self.checks = checks
        self.diagnostics = diagnostics
        state = Self.state(of: checks, isStarter: isStarter)
        score = possible == 0 ? 0 : (maxScore * earned / possible * 100).rounded() / 100
    }

    /// The result of a stage whose suite did not run.
    public init(stage: String, maxScore: Double, state: State, diagnostics: String) {
        self.stage = stage
        self.state = state
        self.score = 0
        self.maxScore = maxScore
        self.checks = []
        self.diagnostics = diagnostics
    }

    /// The first check that asks for work; nil where none does.
    public var openCheck: CheckResult? {
        checks.first { [.failed, .skipped].contains($0.outcome) }
    }

    private static func state(of checks: [CheckResult], isStarter: Bool) -> State {
        let outcomes = Set(checks.filter { $0.counts(among: checks) }.map(\.outcome))
        if outcomes.isEmpty { return .couldNotRun }
        if outcomes.isSubset(of: [.passed]) { return .passed }
        if outcomes.contains(.failed) { return .failed }
        return isStarter ? .notStarted : .inProgress
    }
}

extension CheckResult {
    /// Whether it counts in the stage's score. What could not run does not, nor does what was not reached
    /// only because of that.
    fileprivate func counts(among checks: [CheckResult]) -> Bool {
        switch outcome {
        case .passed, .failed, .skipped: true
        case .couldNotRun: false
        case .notReached: checks.contains { [.failed, .skipped].contains($0.outcome) }
        }
    }
}
