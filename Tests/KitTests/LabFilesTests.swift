import Course
import Grading
import XCTest

/// The commands of `lab` about a student's files beside the kit's: `compare` and `reset`.
final class LabFilesTests: XCTestCase {
    func testCompareKeepsTheSolutionUntilTheStageHasPassed() throws {
        let copy = try LabCopy()
        try copy.reset(.bind, to: "not even Swift")
        let run = try copy.lab("compare", "bind")
        XCTAssertEqual(run.status, 1)
        XCTAssertTrue(run.output.hasPrefix("bind has not passed yet."), run.output)
        XCTAssertTrue(run.output.contains("swift run lab compare bind --spoil"), run.output)
        XCTAssertFalse(run.output.contains("address"), run.output)
    }

    func testCompareShowsTheDifferenceOnceTheStageHasPassed() throws {
        let copy = try LabCopy()
        let solution = try copy.solution(.create).text
        try copy.reset(
            .create,
            to: solution.replacingOccurrences(of: "let descriptor", with: "var descriptor")
        )
        XCTAssertEqual(try copy.lab("check", "create").status, 0)
        let run = try copy.lab("compare", "create")
        XCTAssertEqual(run.status, 0)
        XCTAssertTrue(run.lines.contains("-        var descriptor = makeSocket()"), run.output)
        let call = "socket(AF_INET, SOCK_STREAM, 0) = 3"
        XCTAssertTrue(run.output.contains("Both make the same calls"), run.output)
        XCTAssertTrue(run.lines.contains { $0.contains(call) }, run.output)
        try copy.solve(.create)
        XCTAssertEqual(
            try copy.lab("compare", "create", "--spoil").output,
            "Labs/01-create/Create.swift is the solution, line for line\n"
        )
    }

    func testCompareShowsWhatDiffWouldShow() throws {
        let copy = try LabCopy()
        let solution = try copy.solution(.bind).text
        let odd =
            "// first\n" + solution.replacingOccurrences(of: "UnsafePointer", with: "Pointer") + "// last\n"
        for text in [
            odd, try copy.solution(.bind).starter, "", solution.replacingOccurrences(of: "\n", with: "\n\n"),
        ] {
            try copy.reset(.bind, to: text)
            let ours = try copy.lab("compare", "--spoil", "bind")
            XCTAssertEqual(ours.status, 0, ours.errors)
            let script = "diff -u Labs/02-bind/Bind.swift Solutions/02-bind/Bind.swift"
            let theirs = try everything(of: run("cd \(copy.repository.root) && \(script)"))
            // Below it are the two conversations.
            let difference = ours.lines.prefix {
                !$0.hasPrefix("    yours: ") && !$0.contains(" make the same ")
            }
            XCTAssertEqual(
                Set(difference.dropFirst(2).filter { !$0.isEmpty && !$0.hasPrefix("@@") }),
                Set(theirs.outputLines.dropFirst(2).filter { !$0.hasPrefix("@@") })
            )
        }
    }

    func testResetMakesTheStarterAndKeepsWhatWasThere() throws {
        let copy = try LabCopy()
        try copy.reset(.bind, to: "my work")
        let run = try copy.lab("reset", "bind", "--yes")
        XCTAssertEqual(run.status, 0, run.errors)
        XCTAssertEqual(
            run.output,
            """
            what you had is kept in Labs/02-bind/.before-reset/Bind-1.swift
            Labs/02-bind/Bind.swift is the starter again

            """
        )
        XCTAssertEqual(try text(of: .bind, in: copy), try copy.solution(.bind).starter)
        let kept = "\(copy.repository.root)/Labs/02-bind/.before-reset/Bind-1.swift"
        XCTAssertEqual(try String(contentsOfFile: kept, encoding: .utf8), "my work")
        XCTAssertEqual(
            try copy.lab("reset", "bind").output,
            "Labs/02-bind/Bind.swift is the starter already\n"
        )
    }

    func testAProgramMayBeInFilesOfOtherNames() throws {
        let copy = try LabCopy()
        let folder = copy.repository.labs(.create)
        try FileManager.default.removeItem(atPath: "\(folder)/Create.swift")
        let main = try XCTUnwrap(
            Bank(of: copy.repository).entries.first {
                $0.stage == .create && $0.name == "script-of-statements"
            }
        )
        try Data(XCTUnwrap(main.files["main.swift"]).utf8).write(to: URL(filePath: "\(folder)/main.swift"))
        XCTAssertEqual(try copy.lab("check", "create").status, 0)
        let compare = try copy.lab("compare", "create")
        XCTAssertEqual(compare.status, 0, compare.errors)
        XCTAssertTrue(compare.output.hasPrefix("your program is in files of other names: "), compare.output)
        XCTAssertTrue(compare.output.contains("socket(AF_INET, SOCK_STREAM"), compare.output)

        XCTAssertEqual(
            try copy.lab("reset", "create", "--yes").output,
            """
            Labs/01-create/Create.swift is the starter again
            Labs/01-create/main.swift is kept in Labs/01-create/.before-reset/main-1.swift

            """
        )
        XCTAssertFalse(FileManager.default.fileExists(atPath: "\(folder)/main.swift"))
    }

    func testResetKeepsWhatIsNoText() throws {
        let copy = try LabCopy()
        // As an editor saves "// ä" in Latin-1.
        let bytes = Data([0x2F, 0x2F, 0x20, 0xE4, 0x0A])
        try bytes.write(to: URL(filePath: "\(copy.repository.root)/Labs/02-bind/Bind.swift"))
        XCTAssertEqual(try copy.lab("reset", "bind", "--yes").status, 0)
        let kept = "\(copy.repository.root)/Labs/02-bind/.before-reset/Bind-1.swift"
        XCTAssertEqual(FileManager.default.contents(atPath: kept), bytes)
    }

    func testResetBringsBackAFolderThatIsMissing() throws {
        let copy = try LabCopy()
        try FileManager.default.removeItem(atPath: copy.repository.labs(.close))
        XCTAssertEqual(
            try copy.lab("reset", "close").output,
            "Labs/06-close/Close.swift is the starter again\n"
        )
        XCTAssertEqual(try text(of: .close, in: copy), try copy.solution(.close).starter)
        let show = try copy.lab("show", "close")
        XCTAssertEqual(show.status, 70)
        XCTAssertTrue(show.errors.contains("git checkout Labs/06-close/README.md brings it back"))
    }

    func testResetAsksFirst() throws {
        let copy = try LabCopy()
        try copy.reset(.bind, to: "my work")
        let unasked = try copy.lab("reset", "bind")
        XCTAssertEqual(unasked.status, 1)
        XCTAssertTrue(unasked.errors.contains("there is nobody to ask: say --yes"), unasked.errors)
        let no = try copy.labOnTerminal("reset", "bind", answer: "n")
        XCTAssertEqual(no.status, 1)
        XCTAssertTrue(no.output.contains("Labs/02-bind/Bind.swift stays as it is"), no.output)
        XCTAssertEqual(try text(of: .bind, in: copy), "my work")
        XCTAssertEqual(try copy.labOnTerminal("reset", "bind", answer: "y").status, 0)
        XCTAssertEqual(try text(of: .bind, in: copy), try copy.solution(.bind).starter)
    }

    private func text(of stage: Stage, in copy: LabCopy) throws -> String {
        try XCTUnwrap(copy.repository.submission(of: stage.programs[0], in: stage))
    }
}
