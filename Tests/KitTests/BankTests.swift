import Course
import Grading
import XCTest

/// How the bank of programs is read.
final class BankTests: XCTestCase {
    private let solution = "import LabSupport\n\nlet a = 1\nlet b = 1\nlet b = 1\nlet c = 1\n"

    private func entries(_ files: [String: String]) throws -> [Bank.Entry] {
        let folder = try ScratchFolder()
        try folder.write(solution, to: "Solutions/02-bind/Bind.swift")
        for (name, text) in files { try folder.write(text, to: "Tests/KitTests/Bank/02-bind/\(name)") }
        return try Bank(of: Repository(root: folder.path)).entries
    }

    private func message(_ list: String) throws -> String {
        var message = ""
        XCTAssertThrowsError(try entries(["wrong.txt": list])) { message = "\($0)" }
        return message
    }

    func testVariationsChangeTheSolution() throws {
        let list = """
            ## first
            caught by testStep1A
            cause it is two
            -let a = 1
            +let a = 2
            +let a = 3
            -let b = 1
            -let c = 1
            +let d = 1

            ## second
            caught by testStep2B
            -let a = 1

            """
        let entries = try entries(["wrong.txt": list])
        XCTAssertEqual(entries.map(\.name), ["first", "second"])
        XCTAssertEqual(entries.map(\.caughtBy), ["testStep1A", "testStep2B"])
        XCTAssertEqual(entries.map(\.cause), ["it is two", nil])
        XCTAssertEqual(
            entries.map { $0.files["Bind.swift"] },
            [
                "import LabSupport\n\nlet a = 2\nlet a = 3\nlet b = 1\nlet d = 1\n",
                "import LabSupport\n\nlet b = 1\nlet b = 1\nlet c = 1\n",
            ]
        )
    }

    func testWholeProgramsAreFolders() throws {
        let entries = try entries([
            "wrong/odd/main.swift": "// caught by testStep1A\n// cause odd\nprint(1)",
            "wrong/odd/more/x.swift": "",
            "right/even/Bind.swift": "print(2)",
        ])
        XCTAssertEqual(entries.map(\.name), ["odd", "even"])
        XCTAssertEqual(entries[0].files.keys.sorted(), ["main.swift", "more/x.swift"])
        XCTAssertEqual(entries[0].caughtBy, "testStep1A")
        XCTAssertEqual(entries[0].cause, "odd")
        XCTAssertNil(entries[1].caughtBy)
        XCTAssertEqual(try self.entries([:]).count, 0)
    }

    func testErrorsNameTheEntry() throws {
        for old in ["let b = 1", "let x = 1", "let a"] {
            let message = try message("\n## odd\ncaught by testX\n-\(old)\n+new\n")
            XCTAssertTrue(
                message.hasSuffix(
                    "/02-bind/wrong.txt: odd: this does not stand just once in the solution:\n\(old)\n"
                ),
                message
            )
        }
        let silent = try message("\n## odd\n-let a = 1\n")
        XCTAssertTrue(silent.hasSuffix(": odd does not say which check it is caught by"), silent)
        XCTAssertThrowsError(try entries(["wrong/odd/main.swift": "print(1)"])) { error in
            XCTAssertTrue(
                "\(error)".hasSuffix("/wrong: odd does not say which check it is caught by"),
                "\(error)"
            )
        }
    }
}
