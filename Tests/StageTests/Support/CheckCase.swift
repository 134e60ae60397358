import Results
import XCTest

/// A check with a verdict of its own: XCTest knows passed, failed and skipped, a student needs to know more.
class CheckCase: XCTestCase {
    /// How a check ended that did not pass.
    struct Verdict {
        let outcome: CheckResult.Outcome
        let message: String
    }

    /// Ends a check early, with the verdict that is kept beside it.
    struct Stop: Error {}

    /// Why the check did not pass, as far as it is known; nil for one that passed.
    private(set) var verdict: Verdict?

    /// The name of the check: `testStep1…`.
    var check: String { String(name.split(separator: ".").last ?? "") }

    /// Keeps the verdict, and returns the error to be thrown, which ends the check.
    func stop(_ outcome: CheckResult.Outcome, _ message: String) -> any Error {
        verdict = Verdict(outcome: outcome, message: message)
        return outcome == .failed ? Stop() : XCTSkip(message)
    }

    /// What comes before the check; an error means that it is not reached.
    func begin() throws {}

    /// What comes after it, however it ended; an error takes back that it passed.
    func end() throws {}

    #if canImport(Darwin)
    override class var defaultTestSuite: XCTestSuite {
        _ = CheckReporter.shared
        return super.defaultTestSuite
    }

    override func invokeTest() {
        if CheckReporter.shared.runs(check) { super.invokeTest() }
    }

    override func setUpWithError() throws {
        continueAfterFailure = false
        try begin()
    }

    override func tearDownWithError() throws {
        try end()
    }

    override func record(_ issue: XCTIssue) {
        var issue = issue
        issue.compactDescription = words(for: issue.compactDescription)
        super.record(issue)
    }
    #else
    private let body: (XCTestCase) throws -> Void
    private var skip: XCTSkip?

    // Every check is made before the first one runs: early enough for the reporter to see the suite start.
    required init(name: String, testClosure: @escaping (XCTestCase) throws -> Void) {
        _ = CheckReporter.shared
        body = testClosure
        super.init(name: name) { test in
            if let skip = (test as? CheckCase)?.skip { throw skip }
        }
    }

    /// Runs the check, and lets XCTest run only what came of it: its own way around a test waits for
    /// asynchronous set-up and tear-down, of which there is none here, and now and then for a tenth of a
    /// second.
    override func invokeTest() {
        if !CheckReporter.shared.runs(check) { return }
        continueAfterFailure = true
        do {
            do {
                try begin()
                try body(self)
            } catch {
                try? end()
                throw error
            }
            try end()
        } catch let error as XCTSkip {
            skip = error
            super.invokeTest()
        } catch {
            recordFailure(
                withDescription: "\(error)",
                inFile: #filePath,
                atLine: #line,
                expected: error is Stop
            )
        }
    }

    override func recordFailure(
        withDescription description: String,
        inFile filePath: String,
        atLine lineNumber: Int,
        expected: Bool
    ) {
        super.recordFailure(
            withDescription: words(for: description),
            inFile: filePath,
            atLine: lineNumber,
            expected: expected
        )
    }
    #endif

    /// The verdict, in place of XCTest's words for a thrown error. An error of another kind was not foreseen:
    /// the kit could not do its work, which says nothing about the program.
    private func words(for description: String) -> String {
        if verdict == nil { verdict = Verdict(outcome: .couldNotRun, message: description) }
        return "\n" + (verdict?.message ?? description)
    }
}
