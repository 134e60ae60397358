import Foundation
import Results
import XCTest

/// Follows a run of the suites: tells each check's start and end to whoever started the run, and knows which
/// passed.
final class CheckReporter: NSObject, XCTestObservation, @unchecked Sendable {
    // Unchecked: XCTest runs its tests, and calls its observers, on one thread.
    static let shared = CheckReporter()

    /// Set up when the first check is made, before any runs.
    private override init() {
        super.init()
        XCTestObservationCenter.shared.addTestObserver(self)
    }

    /// The first check of the suite that runs.
    private var first: String?
    private var passed: Set<String> = []
    /// The checks that will run: one that does not can't be waited for.
    private var planned: Set<String> = []

    /// The checks that were told to a descriptor in this variable go there, as lines of JSON.
    private let events = ProcessInfo.processInfo.environment["LAB_EVENTS"].flatMap { Int32($0) }
        .map { FileHandle(fileDescriptor: $0, closeOnDealloc: false) }

    /// The title of a check that `test` depends on, and that ran and did not pass; nil where `test` may run.
    func prerequisiteNotPassed(of test: StageTestCase) -> String? {
        [first, type(of: test).prerequisites[test.check]].compactMap { $0 }
            .first { $0 != test.check && planned.contains($0) && !passed.contains($0) }
            .map { CheckResult(name: $0, outcome: .passed).title }
    }

    func testSuiteWillStart(_ testSuite: XCTestSuite) {
        let checks = testSuite.tests.compactMap { ($0 as? StageTestCase)?.check }
        if checks.isEmpty { return }
        first = checks.first
        planned.formUnion(checks)
        tell(.planned(checks))
    }

    func testCaseWillStart(_ testCase: XCTestCase) {
        if let test = testCase as? StageTestCase { tell(.started(test.check)) }
    }

    func testCaseDidFinish(_ testCase: XCTestCase) {
        guard let test = testCase as? StageTestCase else { return }
        let outcome = test.verdict?.outcome ?? .passed
        if outcome == .passed { passed.insert(test.check) }
        let seconds = ((test.testRun?.totalDuration ?? 0) * 1000).rounded() / 1000
        let message = test.verdict?.message ?? ""
        tell(.ended(CheckResult(name: test.check, outcome: outcome, seconds: seconds, message: message)))
    }

    private func tell(_ event: CheckEvent) {
        // Where nobody reads any more, there is nobody to be told.
        try? events?.write(contentsOf: Data((event.line + "\n").utf8))
    }
}
