import Course
import XCTest

/// What `lab` says to whoever holds it wrong, and how it shows itself.
final class LabUsageTests: XCTestCase {
    func testWrongUsageIsToldInALine() throws {
        let copy = try LabCopy()
        let folder = copy.repository.root
        let commands = "map, show, check, hint, trace, compare, reset, bench, grade, matrix, help"
        let stages = Stage.allCases.map(\.rawValue).joined(separator: ", ")
        let mistakes: [([String], String)] = [
            (["chekc"], "there is no command chekc: did you mean check?"),
            (["xyzzy"], "there is no command xyzzy, but \(commands)"),
            ([""], "there is no command , but \(commands)"),
            (["check", "bnid"], "there is no stage bnid: did you mean bind?"),
            (["check", "BIND"], "there is no stage BIND: did you mean bind?"),
            (["check", "0"], "there is no stage 0, but \(stages)"),
            (["check", "--al"], "there is no option --al"),
            (["map", "bind"], "that is a word too many: bind"),
            (["show", "bind", "listen"], "that is a word too many: listen"),
            (["hint", "bind", "one"], "a step is a number: one"),
            (["hint", "--al", "bind"], "there is no option --al: did you mean --all?"),
            (["compare", "--spoil", "--spoil"], "once is enough: --spoil"),
            (["reset"], "which stage? It is named, since it is your work that goes"),
            (["reset", "--yes"], "which stage? It is named, since it is your work that goes"),
            (["reset", "bind", "lisen", "--yes"], "there is no stage lisen: did you mean listen?"),
            (["grade", "--format", "jsn"], "there is no format jsn: did you mean json?"),
            (["grade", "--format=json", "--format", "text"], "once is enough: --format"),
            (["grade", "--format"], "--format needs a value"),
            (["grade", "--output"], "--output needs a value"),
            (["grade", "--submission"], "--submission needs a value"),
            (["grade", "--solution"], "there is no option --solution: did you mean --solutions?"),
            (["grade", "--solutions", "--submission", folder], "--solutions or --submission, not both"),
            (["grade", "--submission", "nowhere"], "there is no folder nowhere"),
            (
                ["bench", "bind"],
                "bind has no server to bench: take close, echo-server, capitalise, fork, poll"
            ),
            (["bench", "--seconds", "0"], "--seconds takes a number from 0.1 to 60, not 0"),
            (["bench", "--format", "jsn"], "there is no format jsn: did you mean json?"),
            (["bench", "--svg"], "--svg needs a value"),
            (["trace", "--svg"], "--svg needs a value"),
            (["trace", "bind", "--solution", "--check", "Step1"], "one of --solution, --failed and --check"),
            (["help", "grde"], "there is no command grde: did you mean grade?"),
        ]
        for (words, message) in mistakes {
            let run = try copy.finish(copy.start(words) { $0.input = .empty })
            XCTAssertEqual(run.status, 64, "\(words)")
            XCTAssertEqual(run.output, "", "\(words)")
            let lines = run.errors.components(separatedBy: "\n")
            XCTAssertEqual(lines.count, 3, "\(words): \(run.errors)")
            XCTAssertEqual(lines[0], "lab: \(message)", "\(words)")
            XCTAssertTrue(lines[1].hasPrefix("usage: lab "), "\(words): \(run.errors)")
        }
        XCTAssertFalse(
            FileManager.default.fileExists(atPath: "\(copy.repository.root)/Labs/02-bind/.before-reset")
        )
    }

    func testHelpListsTheCommands() throws {
        let copy = try LabCopy()
        let help = try copy.lab("help")
        XCTAssertEqual(help.status, 0)
        let commands = [
            "map", "show", "check", "hint", "trace", "compare", "reset", "bench", "grade", "help",
        ]
        for command in commands {
            XCTAssertTrue(help.lines.contains { $0.hasPrefix("  \(command) ") }, help.output)
        }
        XCTAssertLessThanOrEqual(help.lines.map(\.count).max() ?? 0, 100)
        for words in [["--help"], ["-h"], ["help", "help"], ["map", "--help"]] {
            XCTAssertEqual(try copy.finish(copy.start(words)).output, help.output)
        }
        let grade = try copy.lab("grade", "--help")
        XCTAssertEqual(grade.status, 0)
        XCTAssertTrue(grade.output.hasPrefix("lab grade [STAGE…] "), grade.output)
        XCTAssertEqual(try copy.lab("help", "grade").output, grade.output)
    }

    func testItSaysWhereItIsAtHome() throws {
        let copy = try LabCopy()
        let outside = try copy.finish(copy.start(["check"], in: "/"))
        XCTAssertEqual(outside.status, 70)
        XCTAssertEqual(outside.output, "")
        XCTAssertEqual(outside.errors.split(separator: "\n").count, 1)
        XCTAssertTrue(outside.errors.hasPrefix("lab: / is not in a checkout of Socket Lab"), outside.errors)
        XCTAssertEqual(try copy.finish(copy.start(["help"], in: "/")).status, 0)
        let below = try copy.finish(copy.start(["show", "create"], in: copy.repository.labs(.bind)))
        XCTAssertEqual(below.status, 0, below.errors)
    }

    func testColoursAndTellsWhatItDoesOnATerminal() throws {
        let copy = try LabCopy()
        try copy.solve(.create)
        let run = try copy.labOnTerminal("check", "create")
        XCTAssertEqual(run.status, 0)
        XCTAssertTrue(run.output.contains("\u{1B}[32m✓\u{1B}[0m step 1"), run.output)
        XCTAssertTrue(run.output.contains("\r\u{1B}[K  building …\r\u{1B}[K"), run.output)

        let plain = try copy.labOnTerminal("show", "create", environment: ["NO_COLOR": "1"])
        XCTAssertFalse(plain.output.contains("\u{1B}"), plain.output)
        let coloured = try copy.labOnTerminal("show", "create", environment: ["NO_COLOR": ""])
        XCTAssertTrue(coloured.output.contains("\u{1B}[1m# create"), coloured.output)
        let dumb = try copy.labOnTerminal("check", "create", environment: ["TERM": "dumb"])
        XCTAssertFalse(dumb.output.contains("\u{1B}"), dumb.output)
        XCTAssertFalse(try copy.lab("check", "create").output.contains("\u{1B}"), "into a pipe")
    }
}
