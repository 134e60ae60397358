import Course
import ReferenceEcho
import Results
import Sockets
import Supervision
import XCTest

/// What every suite is made of: runs the program under test, ends it, and keeps each check's verdict.
///
/// A check is a test method. Its name is a sentence that says what the program does, after its step. A
/// suite's first check comes before all others: where it does not pass, they are not reached.
class StageTestCase: XCTestCase {
    /// The stage whose programs are under test.
    class var stage: Stage { preconditionFailure("a suite names its stage") }

    /// Checks that are reached only where another has passed, beside the first one of the suite.
    class var prerequisites: [String: String] { [:] }

    /// Why the check did not pass, as far as it is known; nil for one that passed.
    private(set) var verdict: Verdict?
    private var subjects: [Subject] = []

    /// How a check ended that did not pass.
    struct Verdict {
        let outcome: CheckResult.Outcome
        let message: String
    }

    /// Ends a check early, with the verdict that is kept beside it.
    struct Stop: Error {}

    #if !canImport(Darwin)
    // Every check is made before the first one runs: early enough for the reporter to see the suite start.
    required init(name: String, testClosure: @escaping (XCTestCase) throws -> Void) {
        _ = CheckReporter.shared
        super.init(name: name, testClosure: testClosure)
    }
    #else
    override class var defaultTestSuite: XCTestSuite {
        _ = CheckReporter.shared
        return super.defaultTestSuite
    }
    #endif

    override func setUpWithError() throws {
        continueAfterFailure = false
        if let missing = CheckReporter.shared.prerequisiteNotPassed(of: self) {
            throw stop(.notReached, "\(missing) did not pass")
        }
    }

    override func tearDown() {
        for subject in subjects { subject.program.end(.kill) }
        subjects = []
    }

    /// The name of the check: `testStep1…`.
    var check: String { String(name.split(separator: ".").last ?? "") }

    // MARK: - Verdicts

    /// Keeps the verdict, and returns the error to be thrown, which ends the check.
    func stop(_ outcome: CheckResult.Outcome, _ message: String) -> any Error {
        verdict = Verdict(outcome: outcome, message: message)
        return outcome == .failed ? Stop() : XCTSkip(message)
    }

    #if canImport(Darwin)
    override func record(_ issue: XCTIssue) {
        var issue = issue
        issue.compactDescription = describe(issue.compactDescription)
        super.record(issue)
    }
    #else
    override func recordFailure(
        withDescription description: String,
        inFile filePath: String,
        atLine lineNumber: Int,
        expected: Bool
    ) {
        super.recordFailure(
            withDescription: describe(description),
            inFile: filePath,
            atLine: lineNumber,
            expected: expected
        )
    }
    #endif

    /// The verdict in place of XCTest's words for a thrown error. An error of another kind was not foreseen:
    /// the kit could not do its work, which says nothing about the program.
    private func describe(_ description: String) -> String {
        if let verdict { return "\n" + verdict.message }
        let thrown = description.hasPrefix("threw error")
        verdict = Verdict(outcome: thrown ? .couldNotRun : .failed, message: description)
        return description
    }

    // MARK: - Running the program

    /// Starts the stage's program.
    ///
    /// - Parameters:
    ///   - arguments: what it is given after its name.
    ///   - faults: what the recorder is asked to do to its socket calls.
    func run(_ arguments: String..., faults: [Recorder.Fault] = []) throws -> Subject {
        try run(arguments, faults: faults)
    }

    func run(_ arguments: [String], faults: [Recorder.Fault] = []) throws -> Subject {
        let program = Self.stage.programs[0]
        var launch = Launch(try path(of: program), arguments)
        launch.environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", "LANG": "C"]
        if let library = Subject.recorder { Recorder(library: library, faults: faults).add(to: &launch) }
        let subject = Subject(
            program: try RunningProgram(launch),
            commandLine: ([program.name] + arguments.map(Self.quoted)).joined(separator: " "),
            test: self
        )
        subjects.append(subject)
        return subject
    }

    private func path(of program: Program) throws -> String {
        let products = Products.besideThisProgram
        let environment = ProcessInfo.processInfo.environment
        let path =
            switch environment["LAB_SUBJECT"] ?? "labs" {
            case "labs": products.program(program.name)
            case "solutions": products.program(program.solutionProduct)
            case let folder: "\(folder)/\(program.name)"
            }
        guard let path, FileManager.default.isExecutableFile(atPath: path) else {
            throw stop(.couldNotRun, "the program \(program.name) is not built")
        }
        return path
    }

    private static func quoted(_ argument: String) -> String {
        argument.isEmpty || argument.contains(" ") ? "'\(argument)'" : argument
    }
}
