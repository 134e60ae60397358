import Course
import Results

/// A program that the suites are tried on.
struct Trial: Sendable {
    enum Expectation: Equatable {
        /// No check may refuse it.
        case passes
        /// The check must catch it, and say this.
        case caught(by: String, cause: String?)
        /// A mutant may be right or wrong.
        case unknown
    }

    let stage: Stage
    let name: String
    let files: [String: String]
    let expectation: Expectation
    var mutant: Mutant?

    init(solutionOf stage: Stage, in repository: Repository) {
        self.stage = stage
        name = "solution"
        expectation = .passes
        files = stage.programs.reduce(into: [:]) { files, program in
            files[program.file] = repository.solution(of: program, in: stage)?.text
        }
    }

    init(_ entry: Bank.Entry) {
        stage = entry.stage
        name = entry.name
        files = entry.files
        expectation = entry.caughtBy.map { .caught(by: $0, cause: entry.cause) } ?? .passes
    }

    init(_ mutant: Mutant) {
        stage = mutant.stage
        name = ([mutant.heading] + mutant.change).joined(separator: "\n")
        files = mutant.files
        expectation = .unknown
        self.mutant = mutant
    }
}

/// A program, and what came of it: a result for each run.
struct Tried: Sendable {
    let trial: Trial
    let results: [StageResult]

    var result: StageResult { results[0] }
    /// Whether there is a verdict.
    var isGraded: Bool { ![.doesNotBuild, .couldNotRun].contains(result.state) }
    var failed: [CheckResult] { result.checks.filter { $0.outcome == .failed } }
}
