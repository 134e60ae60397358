/// What came of a submission: the object that `lab grade --format json` prints.
public struct GradeReport: Codable, Hashable, Sendable {
    public let kit: String
    public let version: Int
    /// The points earned in the stages that make the course's 100.
    public let score: Double
    /// Those that could be earned: a stage that could not run costs nothing.
    public let maxScore: Double
    /// The same of the stages beyond them.
    public let bonus: Double
    public let maxBonus: Double
    public let stages: [StageResult]

    /// - Parameters:
    ///   - core: the results of the stages whose points make the score.
    ///   - beyond: those whose points are a bonus.
    public init(core: [StageResult], beyond: [StageResult] = []) {
        kit = "socket-lab"
        version = 1
        score = Self.sum(core.map(\.score))
        maxScore = Self.sum(core.filter(\.hasRun).map(\.maxScore))
        bonus = Self.sum(beyond.map(\.score))
        maxBonus = Self.sum(beyond.filter(\.hasRun).map(\.maxScore))
        stages = core + beyond
    }

    /// Whether every stage passed.
    public var passed: Bool { stages.allSatisfy { $0.state == .passed } }

    private static func sum(_ points: [Double]) -> Double {
        (points.reduce(0, +) * 100).rounded() / 100
    }
}

extension StageResult {
    fileprivate var hasRun: Bool { state != .couldNotRun }
}
