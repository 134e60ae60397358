/// What came of one stage.
public struct StageResult: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable {
        case passed
        case failed
        /// Some checks passed, none failed, and steps are still to be written.
        case inProgress
        /// Nothing passed or failed yet: the steps are still to be written.
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
    ///   - diagnostics: what else is to be told about the run.
    public init(
        stage: String,
        maxScore: Double,
        checks: [CheckResult],
        weights: [String: Double] = [:],
        diagnostics: String = ""
    ) {
        let counted = checks.filter { $0.outcome != .couldNotRun }
        let possible = counted.reduce(0) { $0 + (weights[$1.name] ?? 1) }
        let earned = counted.filter { $0.outcome == .passed }.reduce(0) { $0 + (weights[$1.name] ?? 1) }
        self.stage = stage
        self.maxScore = maxScore
        self.checks = checks
        self.diagnostics = diagnostics
        state = Self.state(of: checks)
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

    private static func state(of checks: [CheckResult]) -> State {
        let outcomes = Set(checks.map(\.outcome))
        if outcomes.isSubset(of: [.couldNotRun]) { return .couldNotRun }
        if outcomes.isSubset(of: [.passed, .couldNotRun]) { return .passed }
        if outcomes.contains(.failed) { return .failed }
        return outcomes.contains(.passed) ? .inProgress : .notStarted
    }
}
