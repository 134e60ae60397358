import Course
import Grading
import Results
import XCTest

/// The kit grades itself: what it gives, and the programs of its bank.
final class GradingTests: XCTestCase {
    private let repository = Checkout.repository

    func testSolutionsPassEveryCheck() throws {
        try forEachAtOnce(Stage.allCases) { stage, grader in
            let result = try grader.grade(stage, of: .solutions)
            XCTAssertEqual(result.state, .passed, TextFormat(style: .plain).stage(result))
            XCTAssertEqual(result.score, stage.weight)
        }
    }

    func testStartersPassNothingAndSayWhichStepIsMissing() throws {
        let folder = try ScratchFolder()
        for stage in Stage.allCases {
            for program in stage.programs {
                let solution = try XCTUnwrap(repository.solution(of: program, in: stage))
                try folder.write(solution.starter, to: "\(stage.folder)/\(program.file)")
            }
        }
        let starters = Submission.folder(folder.path)
        try forEachAtOnce(Stage.allCases) { stage, grader in
            let result = try grader.grade(stage, of: starters)
            XCTAssertEqual(result.state, .notStarted, TextFormat(style: .plain).stage(result))
            XCTAssertEqual(result.score, 0)
            let first = try XCTUnwrap(result.checks.first)
            XCTAssertEqual(first.outcome, .skipped)
            XCTAssertTrue(first.message.contains("step 1 is not written yet"), first.message)
        }
    }

    func testWrongProgramsAreCaughtByTheCheckThatTheyName() throws {
        let wrong = try Bank(of: repository).entries.filter { $0.caughtBy != nil }
        try forEachAtOnce(sample(of: wrong, 3)) { entry, grader in
            let result = try Self.grade(entry, with: grader, check: entry.caughtBy)
            XCTAssertEqual(result.checks.map(\.outcome), [.failed], Self.text(entry, result))
            // Lines are wrapped: what is asked for may stand on two.
            let words = result.checks.first?.message.split { " \n".contains($0) } ?? []
            let message = words.joined(separator: " ")
            if let cause = entry.cause { XCTAssertTrue(message.contains(cause), Self.text(entry, result)) }
        }
    }

    func testRightProgramsAreRefusedByNoCheck() throws {
        let right = try Bank(of: repository).entries.filter { $0.caughtBy == nil }
        try forEachAtOnce(sample(of: right, 2)) { entry, grader in
            let result = try Self.grade(entry, with: grader)
            XCTAssertEqual(result.state, .passed, Self.text(entry, result))
        }
    }

    /// The first of each stage, as many as there is time for: `lab matrix` tries all against all checks.
    private func sample(of entries: [Bank.Entry], _ count: Int) -> [Bank.Entry] {
        Dictionary(grouping: entries, by: \.stage).values.flatMap { $0.prefix(count) }
    }

    private static func grade(_ entry: Bank.Entry, with grader: Grader, check: String? = nil) throws
        -> StageResult
    {
        let folder = try ScratchFolder()
        return try grader.grade(entry.stage, of: entry.write(into: folder.path), check: check)
    }

    private static func text(_ entry: Bank.Entry, _ result: StageResult) -> String {
        "\(entry.stage.rawValue)/\(entry.name)\n\(TextFormat(style: .plain).stage(result))"
    }

    /// Works on several at a time; an error fails the test.
    private func forEachAtOnce<Item: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (Item, Grader) throws -> Void
    ) throws {
        let grader = try Grader(repository: repository)
        let queue = OperationQueue()
        // More than there are processors: many a wrong program is found out by waiting.
        queue.maxConcurrentOperationCount = 2 * ProcessInfo.processInfo.activeProcessorCount
        for item in items {
            queue.addOperation {
                do {
                    try body(item, grader)
                } catch {
                    XCTFail("\(item): \(error)")
                }
            }
        }
        queue.waitUntilAllOperationsAreFinished()
    }
}
