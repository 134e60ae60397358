import Course
import XCTest

/// What the course is made of, from files and from words.
final class CourseTests: XCTestCase {
    // MARK: Repository

    func testRepositoryIsFoundUpwards() throws {
        let folder = try ScratchFolder()
        for name in ["Package.swift", "Sources/LabSupport/x.swift", "Solutions/x", "Labs/02-bind/deep/x"] {
            try folder.write("", to: name)
        }
        let root = URL(filePath: folder.path).standardizedFileURL.path
        for start in ["", "/", "/Labs/02-bind/deep", "/Labs/../Labs", "/no/such/folder"] {
            XCTAssertEqual(try Repository.find(from: folder.path + start).root, root, start)
        }
    }

    func testNoRepositoryIsToldAsSuch() throws {
        let folder = try ScratchFolder()
        try folder.write("", to: "Package.swift")
        XCTAssertThrowsError(try Repository.find(from: folder.path)) { error in
            XCTAssertTrue("\(error)".hasPrefix("\(folder.path) is not in a checkout"), "\(error)")
        }
        XCTAssertThrowsError(try Repository.find(from: "/"))
    }

    func testStagesHaveOneWordForEverything() {
        XCTAssertEqual(Stage.sendRecv.folder, "05-send-recv")
        XCTAssertEqual(Stage.sendRecv.suite, "SendRecvTests")
        XCTAssertEqual(Stage.sendRecv.programs.map(\.file), ["SendRecv.swift"])
        XCTAssertEqual(Stage.sendRecv.programs.map(\.solutionProduct), ["send-recv-solution"])
        XCTAssertEqual(Stage.create.next, .bind)
        XCTAssertNil(Stage.allCases.last?.next)
    }

    // MARK: Hints

    func testHintsAreReadStepByStep() {
        let hints = Hints(
            markdown: """
                # Hints for bind

                1. Not of a step.

                ## Step 2: later

                1. One line.
                2. Two
                   lines.

                       let code = 1
                          indented

                3. Last.

                ## Step 1

                1. Only.
                """
        )
        XCTAssertEqual(hints.steps, [1, 2])
        XCTAssertEqual(hints.forStep(1), ["Only."])
        XCTAssertEqual(
            hints.forStep(2),
            ["One line.", "Two\nlines.\n\n    let code = 1\n       indented", "Last."]
        )
        XCTAssertEqual(hints.forStep(3), [])
        XCTAssertEqual(Hints(markdown: "").steps, [])
        XCTAssertEqual(Hints(markdown: "## Step\n1. lost\n## Step x\n").steps, [])
    }

    // MARK: Solution

    func testStarterHasATodoForEachBody() {
        let solution = Solution(
            text: """
                import LabSupport

                /// Step 1. Adds.
                /// It takes two lines.
                @discardableResult
                func add(
                    _ a: Int,
                    to b: Int
                ) -> Int {
                    if a == 0 {
                        return b
                    }
                    return a + b
                }

                // MARK: - From stage 1

                /// Returns Step 1. of something else.
                func given() {
                    nothing()
                }

                """
        )
        XCTAssertEqual(solution.steps.map(\.number), [1])
        XCTAssertEqual(solution.steps.map(\.function), ["add(_:to:)"])
        let body = "    if a == 0 {\n        return b\n    }\n    return a + b\n"
        XCTAssertEqual(
            solution.starter,
            solution.text.replacingOccurrences(of: body, with: "    todo(1)\n")
        )
        XCTAssertEqual(Solution(text: solution.starter).starter, solution.starter)
    }

    func testOddSolutionsMakeOddStarters() {
        for text in ["", "\n", "no steps", "no steps\n", "/// Step one. Not a number.\nfunc f() {\n}\n"] {
            XCTAssertEqual(Solution(text: text).starter, text)
            XCTAssertEqual(Solution(text: text).steps, [])
        }
        // Cut off in the middle: it goes to the end, and no further.
        XCTAssertEqual(Solution(text: "/// Step 1. Cut").steps.map(\.number), [1])
        XCTAssertEqual(Solution(text: "/// Step 1. Cut\nfunc f() {\n    x()").steps.map(\.function), ["f()"])
    }

    // MARK: Spelling

    func testTellsTheWordThatWasMeant() {
        let words = ["create", "bind", "listen", "accept", "send-recv", "close"]
        let guesses = [
            "bnid": "bind", "lisen": "listen", "acept": "accept", "sendrecv": "send-recv", "c": "close",
            "Close": "close", "LISTEN": "listen", "send": "send-recv", "craete": "create", "bind ": "bind",
        ]
        for (word, guess) in guesses { XCTAssertEqual(Spelling.nearest(to: word, among: words), guess, word) }
        for word in ["", "xyzzy", "12", "bindbindbind"] {
            XCTAssertNil(Spelling.nearest(to: word, among: words), word)
        }
        XCTAssertNil(Spelling.nearest(to: "bind", among: []))
    }
}
