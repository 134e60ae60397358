import Foundation
import Results
import XCTest

/// Scores and states, and the words of a check's name.
final class ResultsTests: XCTestCase {
    private func stage(
        _ outcomes: [CheckResult.Outcome],
        of points: Double = 10,
        weights: [String: Double] = [:],
        isStarter: Bool = false
    ) -> StageResult {
        let checks = outcomes.enumerated().map { CheckResult(name: "testStep1C\($0)", outcome: $1) }
        return StageResult(
            stage: "bind",
            maxScore: points,
            checks: checks,
            weights: weights,
            isStarter: isStarter
        )
    }

    func testStateIsThatOfItsChecks() {
        XCTAssertEqual(stage([.passed, .passed]).state, .passed)
        XCTAssertEqual(stage([.passed, .failed, .skipped]).state, .failed)
        XCTAssertEqual(stage([.failed, .notReached]).state, .failed)
        XCTAssertEqual(stage([.passed, .skipped, .notReached]).state, .inProgress)
        XCTAssertEqual(stage([.skipped, .notReached]).state, .inProgress)
        XCTAssertEqual(stage([.skipped, .notReached], isStarter: true).state, .notStarted)
        XCTAssertEqual(stage([.couldNotRun, .notReached], isStarter: true).state, .couldNotRun)
        XCTAssertEqual(stage([.passed, .couldNotRun]).state, .passed)
        XCTAssertEqual(stage([.failed, .couldNotRun]).state, .failed)
        XCTAssertEqual(stage([.couldNotRun]).state, .couldNotRun)
        XCTAssertEqual(stage([]).state, .couldNotRun)
    }

    func testScoreIsTheShareOfTheChecksThatPassed() {
        XCTAssertEqual(stage([.passed, .failed, .skipped, .notReached]).score, 2.5)
        XCTAssertEqual(stage([.passed, .passed, .failed]).score, 6.67)
        XCTAssertEqual(stage([.passed, .failed, .failed], of: 5).score, 1.67)
        XCTAssertEqual(stage([.passed, .failed], weights: ["testStep1C0": 3]).score, 7.5)
        XCTAssertEqual(stage([.failed]).score, 0)
        XCTAssertEqual(stage([]).score, 0)
    }

    func testWhatCouldNotRunCostsNothing() {
        XCTAssertEqual(stage([.passed, .couldNotRun]).score, 10)
        XCTAssertEqual(stage([.passed, .failed, .couldNotRun]).score, 5)
        // Nothing failed, so what was not reached depends on what could not run.
        XCTAssertEqual(stage([.couldNotRun, .notReached, .notReached]).state, .couldNotRun)
        XCTAssertEqual(stage([.passed, .couldNotRun, .notReached]).state, .passed)
        XCTAssertEqual(stage([.passed, .couldNotRun, .notReached]).score, 10)
    }

    func testReportAddsUpToTheHundredth() {
        let third = stage([.passed, .passed, .failed])
        let report = GradeReport(core: [third, third, third], beyond: [stage([.passed]), stage([.failed])])
        XCTAssertEqual(report.score, 20.01)
        XCTAssertEqual(report.maxScore, 30)
        XCTAssertEqual([report.bonus, report.maxBonus], [10, 20])
        XCTAssertFalse(report.passed)
        let lacking = GradeReport(core: [third, stage([.couldNotRun])], beyond: [stage([])])
        XCTAssertEqual([lacking.maxScore, lacking.maxBonus], [10, 0], "what could not run costs nothing")
        XCTAssertTrue(GradeReport(core: [stage([.passed])]).passed)
        XCTAssertEqual([10, 7.5, 6.67, 0].map(TextFormat.points), ["10", "7.5", "6.67", "0"])
    }

    func testNameTellsStepAndTitle() {
        let names: [(String, Int, String)] = [
            ("testStep1AsksForAStreamSocket", 1, "asks for a stream socket"),
            ("testStep2StartsAgainAtOnce_Listen", 2, "starts again at once"),
            ("testStep12KeepsEINTRApart", 12, "keeps EINTR apart"),
            ("testStep1AsksForIPv4", 1, "asks for IPv4"),
            ("testStep1TakesIPv6Addresses_Connect", 1, "takes IPv6 addresses"),
            ("testStep3GoesOnAfterEINTR", 3, "goes on after EINTR"),
            ("testStep1WaitsForAClient", 1, "waits for a client"),
            ("testStep1SetsSOReuse", 1, "sets SO reuse"),
            ("testSaysSo", 0, "says so"),
            ("testStepsAside", 0, "steps aside"),
            ("", 0, ""),
        ]
        for (name, step, title) in names {
            let check = CheckResult(name: name, outcome: .passed)
            XCTAssertEqual(check.step, step, name)
            XCTAssertEqual(check.title, title, name)
        }
    }

    func testEventsGoThroughALine() {
        let check = CheckResult(
            name: "testStep1X",
            outcome: .failed,
            seconds: 0.5,
            message: "one\ntwo \u{0} \"é\""
        )
        for event in [CheckEvent.planned(["a", "b"]), .started("a"), .ended(check)] {
            XCTAssertFalse(event.line.contains("\n"))
            XCTAssertEqual(CheckEvent(line: event.line), event)
        }
        XCTAssertNil(CheckEvent(line: "Test Case 'X' started"))
        XCTAssertNil(CheckEvent(line: ""))
    }
}
