import Course
import XCTest

/// What a student is given: starters, handouts and hints fit the solutions, and one another.
final class StarterTests: XCTestCase {
    private let repository = Checkout.repository

    private func solution(_ stage: Stage, _ program: Program) throws -> Solution {
        try XCTUnwrap(repository.solution(of: program, in: stage), program.file)
    }

    func testLabsShipWhatResetWrites() throws {
        for stage in Stage.allCases {
            for program in stage.programs {
                let starter = try solution(stage, program).starter
                if repository.submission(of: program, in: stage) == starter { continue }
                let isCI = ProcessInfo.processInfo.environment["CI"] != nil
                if !isCI { throw XCTSkip("Labs/\(stage.folder)/\(program.file) is somebody's work by now") }
                XCTFail("Labs/\(stage.folder)/\(program.file) differs from the starter: lab reset writes it")
            }
        }
    }

    // A starter keeps what its solution gives, so this says the same of both, whatever a student has written.
    func testWhatAStageGivesIsTheSolutionOfAnEarlierOne() throws {
        var sections = 0
        for stage in Stage.allCases {
            for program in stage.programs {
                let parts = try solution(stage, program).text.components(
                    separatedBy: "// MARK: - From stage "
                )
                for part in parts.dropFirst() {
                    let number = try XCTUnwrap(Int(part.prefix { $0.isNumber }), part)
                    let given = part.drop { !$0.isNewline }.trimmingCharacters(in: .newlines)
                    let earlier = try XCTUnwrap(Stage.allCases.first { $0.number == number })
                    let theirs = try earlier.programs.flatMap {
                        try functions(in: steps(of: solution(earlier, $0)))
                    }
                    for function in functions(in: given) {
                        XCTAssertTrue(
                            theirs.contains(function),
                            "\(program.file) gives of stage \(number):\n\(function)"
                        )
                    }
                    XCTAssertLessThan(number, stage.number)
                    sections += 1
                }
            }
        }
        XCTAssertGreaterThan(sections, 0)
    }

    /// The functions that the student writes, without "Step N.".
    private func steps(of solution: Solution) -> String {
        let own = solution.text.components(separatedBy: "// MARK:")[0]
        let steps = own.components(separatedBy: "\n/// Step ").dropFirst()
        return steps.map { "\n/// " + $0.drop { $0 != " " }.dropFirst() }.joined()
            .trimmingCharacters(in: .newlines)
    }

    /// Each function with its doc comment: a later stage may give some of them, and have the others written anew.
    private func functions(in text: String) -> [String] {
        text.components(separatedBy: "\n\n/// ").map { function in
            let whole = function.hasPrefix("/// ") ? function : "/// " + function
            // Without "Step N." the comment's lines break elsewhere.
            return whole.replacingOccurrences(of: "\n/// ", with: " ")
        }
    }

    func testStepsAreNumberedInTheirOrder() throws {
        for stage in Stage.allCases {
            // Of several programs, the second goes on where the first has ended: a step has one number.
            let numbers = try stage.programs.flatMap { try solution(stage, $0).steps.map(\.number) }
            XCTAssertEqual(numbers, Array(1...max(1, numbers.count)), stage.folder)
        }
    }

    func testStartersAreShort() throws {
        for stage in Stage.allCases {
            for program in stage.programs {
                let own = try solution(stage, program).starter.components(separatedBy: "\n// MARK:")[0]
                XCTAssertLessThanOrEqual(own.components(separatedBy: "\n").count, 65, program.file)
            }
        }
    }

    // MARK: Handouts and hints

    func testHandoutsHaveTheirSections() throws {
        for stage in Stage.allCases {
            let handout = try XCTUnwrap(repository.handout(stage), stage.folder)
            XCTAssertTrue(handout.hasPrefix("# \(stage.rawValue): "), stage.folder)
            let headings = handout.components(separatedBy: "\n").filter { $0.hasPrefix("## ") }
                .map { $0.dropFirst(3).components(separatedBy: ":")[0] }
            XCTAssertEqual(
                headings,
                [
                    "By hand", "The call", "New in Swift", "Your task", "How it is checked",
                    "When it goes wrong",
                    "Go further",
                ],
                stage.folder
            )
            let words = handout.split(whereSeparator: \.isWhitespace).count
            XCTAssertTrue((350...850).contains(words), "\(stage.folder) has \(words) words")
        }
    }

    func testFailuresSendTheirReaderToSectionsThatExist() throws {
        let path = "\(repository.root)/Tests/StageTests/Support/Failure.swift"
        let source = try String(contentsOfFile: path, encoding: .utf8)
        let cases = try XCTUnwrap(source.components(separatedBy: "enum Section").dropFirst().first)
        let sections = cases.matches(of: /case \w+ = "(.+)"/).map { String($0.output.1) }
        XCTAssertFalse(sections.isEmpty)
        for stage in Stage.allCases {
            let handout = try XCTUnwrap(repository.handout(stage), stage.folder)
            for section in sections {
                XCTAssertTrue(handout.contains("\n## \(section)"), "\(stage.folder): \(section)")
            }
        }
    }

    func testEachStepHasATaskAndThreeHints() throws {
        for stage in Stage.allCases {
            let hints = repository.hints(stage)
            let handout = try XCTUnwrap(repository.handout(stage), stage.folder)
            let task = try XCTUnwrap(handout.components(separatedBy: "\n## Your task").dropFirst().first)
            let steps = try stage.programs.flatMap { try solution(stage, $0).steps }
            XCTAssertEqual(hints.steps, Set(steps.map(\.number)).sorted(), stage.folder)
            for step in steps {
                XCTAssertEqual(hints.forStep(step.number).count, 3, "\(stage.folder), step \(step.number)")
                let opening = "\n\(step.number). `\(step.function)`"
                XCTAssertTrue(task.contains(opening), "\(stage.folder) should say \(opening)")
            }
        }
    }

    // MARK: Suites

    func testNoTwoStagesShareACheck() throws {
        var stages: [String: Stage] = [:]
        let folder = "\(repository.root)/Tests/StageTests"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        for stage in Stage.allCases {
            // Of a stage with two programs, the suite stands in two files.
            let source = try files.filter { $0.hasPrefix(stage.suite) }.map {
                try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
            }.joined()
            let checks = source.matches(of: /func (test\w+)/).map { String($0.output.1) }
            let steps = try stage.programs.flatMap { try solution(stage, $0).steps }.map {
                "testStep\($0.number)"
            }
            for check in checks {
                XCTAssertTrue(steps.contains(where: check.hasPrefix), "\(stage.suite).\(check)")
                XCTAssertNil(stages.updateValue(stage, forKey: check), check)
            }
            XCTAssertFalse(checks.isEmpty, stage.suite)
        }
    }
}
