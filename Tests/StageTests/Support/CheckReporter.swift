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

    /// The checks of the suite that runs, in their order.
    private var planned: [String] = []
    private var firstPassed = false

    /// The checks that were told to a descriptor in this variable go there, as lines of JSON.
    private let events = ProcessInfo.processInfo.environment["LAB_EVENTS"].flatMap { Int32($0) }
        .map { FileHandle(fileDescriptor: $0, closeOnDealloc: false) }

    /// Which check comes next, by its place in the suite; nil until it is asked for.
    private var next: Int?

    /// Whether `check` runs in this process; where nobody follows the run, every one does.
    func runs(_ check: String) -> Bool {
        if events == nil { return true }
        let place = next ?? placeToldNext()
        next = place
        return planned.firstIndex(of: check) == place
    }

    /// A line of standard input tells, once the programs are there: so several processes share a suite out
    /// among them. Behind the place it tells whether the suite's first check, on which all others depend,
    /// passed, wherever it ran. At the end of the input nobody follows any more, and none is run.
    private func placeToldNext() -> Int {
        let words = readLine()?.split(separator: " ") ?? []
        if words.count == 2 { firstPassed = words[1] == "passed" }
        return words.first.flatMap { Int($0) } ?? planned.count
    }

    /// The title of the suite's first check, where `check` depends on it and it did not pass; else nil.
    func prerequisiteNotPassed(of check: String) -> String? {
        guard let first = planned.first, first != check, !firstPassed else { return nil }
        return CheckResult(name: first, outcome: .passed).title
    }

    func testSuiteWillStart(_ testSuite: XCTestSuite) {
        let checks = testSuite.tests.compactMap { ($0 as? StageTestCase)?.check }
        if checks.isEmpty { return }
        planned = checks
        firstPassed = false
        tell(.planned(checks))
    }

    func testCaseWillStart(_ testCase: XCTestCase) {
        if let test = testCase as? StageTestCase, runs(test.check) { tell(.started(test.check)) }
    }

    func testCaseDidFinish(_ testCase: XCTestCase) {
        guard let test = testCase as? StageTestCase, runs(test.check) else { return }
        let outcome = test.verdict?.outcome ?? .passed
        if test.check == planned.first { firstPassed = outcome == .passed }
        next = nil
        let seconds = ((test.testRun?.totalDuration ?? 0) * 1000).rounded() / 1000
        let message = test.verdict?.message ?? ""
        tell(.ended(CheckResult(name: test.check, outcome: outcome, seconds: seconds, message: message)))
    }

    private func tell(_ event: CheckEvent) {
        // Where nobody reads any more, there is nobody to be told.
        try? events?.write(contentsOf: Data((event.line + "\n").utf8))
    }
}
