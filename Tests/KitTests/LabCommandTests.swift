import Course
import XCTest

/// The commands of `lab` that a student works with.
final class LabCommandTests: XCTestCase {
    // MARK: The map

    func testMapShowsEachStageAndTheNextStep() throws {
        let copy = try LabCopy()
        try copy.solve(.create)
        try copy.reset(.listen, to: "func broken( {")
        try FileManager.default.removeItem(atPath: copy.repository.labs(.close))
        let map = try copy.lab()
        XCTAssertEqual(map.status, 0)
        XCTAssertEqual(map.errors, "")
        let rows = [
            "create passed 5/5", "▸ bind not started 0/10", "listen does not build 0/10",
            "accept not started 0/10", "send-recv not started 0/15", "close does not build 0/10",
            "echo-server not started 0/15", "connect not started 0/10", "echo-client not started 0/15",
            "capitalise not started 0/10", "fork not started 0/10", "poll not started 0/10",
            "datagram not started 0/10",
        ]
        for (stage, row) in zip(Stage.allCases, rows) {
            let words = row.replacingOccurrences(of: stage.rawValue, with: stage.folder) + " \(stage.summary)"
            let lines = map.lines.map { $0.split(separator: " ").joined(separator: " ") }
            XCTAssertTrue(lines.contains(words), "\(words) is not in\n\(map.output)")
        }
        XCTAssertLessThanOrEqual(map.lines.map(\.count).max() ?? 0, 80)
        let next = map.lines.drop { !$0.hasPrefix("  next: ") }.joined(separator: "\n")
        XCTAssertTrue(map.output.hasSuffix("\n\n  5 of 100 points, 0 of 40 beyond\n\n\(next)"), map.output)
        for words in ["next: step 1", "Labs/02-bind/Bind.swift", "lab show bind  ", "lab check bind  "] {
            XCTAssertTrue(next.contains(words), "\(words) is not in\n\(next)")
        }
        XCTAssertEqual(try copy.lab("map").output, map.output, "the second time, out of memory")
        XCTAssertTrue(try copy.lab("show").output.hasPrefix("# bind: "), "the first that has not passed")
        let compare = try copy.lab("compare")
        XCTAssertTrue(
            compare.output.hasPrefix("Labs/01-create/"),
            "the last that has passed: \(compare.output)"
        )
    }

    // MARK: check

    func testCheckTellsEachCheckAndWhatComesNext() throws {
        let copy = try LabCopy()
        try copy.solve(.create)
        let run = try copy.lab("check", "01")
        XCTAssertEqual(run.status, 0, run.errors)
        XCTAssertEqual(run.lines.first, "01-create · \(Stage.create.summary)")
        XCTAssertEqual(run.lines.filter { $0.hasPrefix("✓ step 1 · ") }.count, 6)
        XCTAssertTrue(run.output.contains("\ncreate: passed, 5 of 5 points\n"), run.output)
        XCTAssertTrue(run.output.contains("\nnext: swift run lab show bind\n"), run.output)
    }

    func testCheckSaysWhichStepIsMissing() throws {
        let run = try LabCopy().lab("check")
        XCTAssertEqual(run.status, 1)
        XCTAssertTrue(
            run.output.contains("\n    step 1 is not written yet: makeSocket(), line "),
            run.output
        )
        XCTAssertTrue(run.output.contains("\n- 5 more checks wait for that\n"), run.output)
        XCTAssertTrue(run.output.hasSuffix("\nstuck? swift run lab hint create 1\n"), run.output)
    }

    func testCheckShowsWhatTheCompilerSaysAndGoesOn() throws {
        let copy = try LabCopy()
        try copy.reset(.bind, to: "import LabSupport\nlet port: Int = \"seven\"\n")
        try copy.solve(.create)
        let run = try copy.lab("check", "Labs/02-bind/", "create")
        XCTAssertEqual(run.status, 1)
        XCTAssertTrue(run.output.contains("\n    Labs/02-bind/Bind.swift:2:17: error: "), run.output)
        XCTAssertTrue(run.output.contains("\nbind: does not build, 0 of 10 points\n\n01-create"), run.output)
        XCTAssertTrue(run.output.contains("\ncreate: passed, 5 of 5 points\n"), run.output)
    }

    // MARK: show, hint

    func testShowPrintsTheHandout() throws {
        let copy = try LabCopy()
        let run = try copy.lab("show", "5")
        XCTAssertEqual(run.status, 0)
        let handout = try XCTUnwrap(copy.repository.handout(.sendRecv))
        XCTAssertEqual(run.output, handout + "\n")
    }

    func testHintTellsMoreEachTime() throws {
        let copy = try LabCopy()
        let hints = copy.repository.hints(.bind).forStep(2)
        for number in [1, 2, 3, 3] {
            let run = try copy.lab("hint", "bind", "2")
            XCTAssertEqual(run.status, 0)
            let last = "That was the last. The stage's handout: swift run lab show bind\n"
            let more = number < 3 ? "One more: swift run lab hint bind 2\n" : last
            XCTAssertEqual(run.output, "bind, step 2, hint \(number) of 3\n\n\(hints[number - 1])\n\n\(more)")
        }
        let all = try copy.lab("hint", "--all", "bind", "1").output
        for hint in copy.repository.hints(.bind).forStep(1) { XCTAssertTrue(all.contains(hint), all) }
    }

    func testHintIsForTheStepThatIsOpen() throws {
        let copy = try LabCopy()
        XCTAssertTrue(try copy.lab("hint").output.hasPrefix("create, step 1, hint 1 of 3\n"))
        XCTAssertTrue(try copy.lab("hint", "01").output.hasPrefix("create, step 1, hint 2 of 3\n"))
        // Still when the file has been changed since, and does not even build.
        let solution = try copy.solution(.bind).text
        try copy.reset(
            .bind,
            to: solution.replacingOccurrences(of: "fail(\"getsockname\")", with: "fail(\"port\")")
        )
        XCTAssertEqual(try copy.lab("check", "bind").status, 1)
        try copy.reset(.bind, to: "func unfinished() {")
        let hint = try copy.lab("hint", "bind")
        XCTAssertTrue(hint.output.hasPrefix("bind, step 3, hint 1 of 3\n"), hint.output + hint.errors)
        let unknown = try copy.lab("hint", "bind", "9")
        XCTAssertEqual(unknown.status, 64)
        XCTAssertEqual(
            unknown.errors,
            """
            lab: bind has hints for the steps 1, 2, 3, not for 9
            usage: lab hint [STAGE] [STEP] [--all]

            """
        )
    }
}
