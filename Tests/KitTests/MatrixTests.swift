import Course
import Results
import XCTest

@testable import Grading

/// What the matrix finds wrong with a suite, on programs that are made up.
final class MatrixTests: XCTestCase {
    private func result(_ outcomes: KeyValuePairs<String, CheckResult.Outcome>) -> StageResult {
        let checks = outcomes.map {
            CheckResult(name: $0, outcome: $1, message: $1 == .failed ? "it is\n   two" : "")
        }
        return StageResult(stage: "bind", maxScore: 10, checks: checks)
    }

    private func program(_ name: String, caughtBy check: String? = nil, cause: String? = nil) -> Trial {
        Trial(Bank.Entry(stage: .bind, name: name, files: [:], caughtBy: check, cause: cause))
    }

    private func mutant(_ rule: String, _ change: String) -> Trial {
        Trial(Mutant(stage: .bind, rule: rule, function: "f", change: [change], files: [:]))
    }

    private func findings(_ tried: [(Trial, [StageResult])], _ survivors: String? = nil) throws -> [String] {
        let tried = tried.map { Tried(trial: $0, results: $1) }
        let list = try survivors.map { try Survivors(text: $0, path: "survivors.txt") }
        return StageMatrix(.bind, tried, list).findings.map { "\($0.about) \($0.message)" }
    }

    private let caught: KeyValuePairs<String, CheckResult.Outcome> = ["testA": .failed, "testB": .failed]
    private let passed: KeyValuePairs<String, CheckResult.Outcome> = ["testA": .passed, "testB": .passed]

    func testHoldsWhereEveryVerdictIsTheRightOne() throws {
        let tried = [
            Tried(trial: program("right"), results: [result(passed)]),
            Tried(trial: program("wrong", caughtBy: "testB", cause: "it is two"), results: [result(caught)]),
        ]
        let report = MatrixReport(stages: [StageMatrix(.bind, tried, nil)])
        XCTAssertTrue(report.holds)
        XCTAssertEqual(report.stages[0].checks.map(\.caught), [["wrong"], ["wrong"]])
        XCTAssertEqual(
            MatrixText(style: .plain).report(report),
            """
            bind
              testA
                  wrong
              testB
                  wrong

            1 wrong programs, 1 right ones
            the matrix holds

            """
        )
    }

    func testFindsWhatIsMisjudged() throws {
        let findings = try findings([
            (program("right"), [result(["testA": .failed, "testB": .passed])]),
            (program("other-check", caughtBy: "testB"), [result(["testA": .failed, "testB": .notReached])]),
            (program("other-cause", caughtBy: "testA", cause: "it is three"), [result(caught)]),
        ])
        XCTAssertEqual(
            findings.map { $0.components(separatedBy: "\n")[0] },
            [
                "right is right, and is refused", "other-check is not caught by testB",
                "other-cause is caught, but not told: it is three",
            ]
        )
    }

    func testFindsChecksThatCatchNothing() throws {
        let findings = try findings([
            (program("right"), [result(passed)]),
            (program("wrong", caughtBy: "testA"), [result(["testA": .failed, "testB": .notReached])]),
        ])
        XCTAssertEqual(findings, ["testB catches no wrong program"])
    }

    func testFindsVerdictsThatDiffer() throws {
        let runs = [result(passed), result(passed), result(["testA": .passed, "testB": .failed])]
        XCTAssertEqual(
            try findings([(mutant("rule", "-line"), runs)], "## rule in f\n-line\nreason"),
            ["rule in f\n-line run 1 says testB: passed\nrun 3 says testB: failed\nit is\n   two"]
        )
    }

    func testFindsSurvivorsThatNobodyAccountsFor() throws {
        let tried = [
            (mutant("one", "-line"), [result(passed)]), (mutant("two", "-line"), [result(passed)]),
            (mutant("three", "-line"), [result(caught)]),
        ]
        let list = "About the list.\n\n## one in f\n-line\n\n## three in f\n-line\nNobody sees it.\n"
        XCTAssertEqual(
            try findings(tried, list),
            ["two in f survives\n-line", "three in f is told to survive, and does not\n-line"]
        )
        XCTAssertThrowsError(try Survivors(text: "## one in f\n-line\n", path: "survivors.txt")) { error in
            XCTAssertEqual("\(error)", "survivors.txt: no reason is told for\none in f\n-line")
        }
    }

    func testCountsMutants() throws {
        let broken = StageResult(stage: "bind", maxScore: 10, state: .doesNotBuild, diagnostics: "")
        let tried = [result(passed), result(caught), broken].enumerated().map { index, result in
            Tried(trial: mutant("rule", "-\(index)"), results: [result])
        }
        let stage = StageMatrix(.bind, tried, try Survivors(text: "## rule in f\n-0\nreason", path: ""))
        let mutants = try XCTUnwrap(stage.mutants)
        XCTAssertEqual([mutants.made, mutants.built, mutants.caught, mutants.accounted], [3, 2, 1, 1])
        XCTAssertEqual(stage.findings.count, 0)
    }

    func testTellsOfProgramsThatBreakTheirSuite() throws {
        let broken = StageResult(.bind, KitFailure("the suite ended"))
        XCTAssertEqual(
            try findings([(mutant("rule", "-line"), [broken])], ""),
            ["rule in f\n-line could not be tried\nthe suite ended"]
        )
        let findings = try findings([(program("wrong", caughtBy: "testA"), [broken])])
        XCTAssertEqual(findings.count, 1)
        XCTAssertTrue(findings[0].contains("the suite ended"), findings[0])
    }

    func testGradesABank() throws {
        let folder = try ScratchFolder()
        for name in ["Package.swift", "Sources", "Solutions"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder.path)/\(name)",
                withDestinationPath: "\(Checkout.repository.root)/\(name)"
            )
        }
        let list = "## datagrams\ncaught by testStep1AsksForAStreamSocket\n"
        let change = "-    socket(AF_INET, SOCK_STREAM, 0)\n+    socket(AF_INET, SOCK_DGRAM, 0)\n"
        try folder.write(list + change, to: "Tests/KitTests/Bank/01-create/wrong.txt")
        let matrix = Matrix(grader: try Grader(repository: Repository(root: folder.path)))
        let report = try matrix.run([.create], parts: [.bank], runs: 2)
        XCTAssertFalse(report.holds)
        let stage = report.stages[0]
        XCTAssertEqual([stage.wrong, stage.right], [1, 1])
        XCTAssertNil(stage.mutants)
        let catching = stage.checks.filter { !$0.caught.isEmpty }
        XCTAssertEqual(catching.map(\.name), ["testStep1AsksForAStreamSocket"])
        XCTAssertEqual(stage.findings.map(\.about), stage.checks.filter(\.caught.isEmpty).map(\.name))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/.build/lab")
        XCTAssertFalse(left.contains { $0.hasPrefix("matrix") }, "\(left)")
    }
}
