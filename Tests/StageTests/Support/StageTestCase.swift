import Course
import ReferenceEcho
import Results
import Sockets
import Supervision
import Tracing
import XCTest

/// What every suite is made of: runs the program under test, ends it, and keeps each check's verdict.
///
/// A check is a test method. Its name is a sentence that says what the program does, after its step. A
/// suite's first check comes before all others: where it does not pass, they are not reached.
class StageTestCase: CheckCase {
    /// The stage whose programs are under test.
    class var stage: Stage { preconditionFailure("a suite names its stage") }

    /// An address of this machine at which no suite has anything: where it is in use, the program uses it.
    static let unusedHost = "127.0.0.9"

    /// How long what a program has started may go on once the program itself has ended.
    var lingering: Duration { .zero }

    /// The one of the stage's programs that ``run(_:faults:hosts:input:terminal:taken:openFiles:)`` starts: the first, unless
    /// a check says otherwise.
    lazy var program = Self.stage.programs[0]
    /// What the peers of the programs do.
    let peers = StepLog()
    /// The program of which the check says that it failed.
    var failed: Subject?
    private var subjects: [Subject] = []

    /// What the stage's server sends back for `bytes`: an echo server the very same.
    func answer(to bytes: [UInt8]) -> [UInt8] { bytes }

    /// Why a server sent back something else than ``answer(to:)``, where the bytes or the record point to it.
    func causeOfOtherAnswer(_ received: Received, to bytes: [UInt8], _ seen: Observation) -> String? { nil }

    override func begin() throws {
        if let missing = CheckReporter.shared.prerequisiteNotPassed(of: check) {
            throw stop(.notReached, "\(missing) did not pass")
        }
    }

    /// Ends the programs. One that came to a step which is still to be written has passed nothing, whatever
    /// its end looked like from outside.
    override func end() throws {
        defer { (subjects, failed) = ([], nil) }
        if verdict?.outcome == .failed { failed?.keepConversation() }
        for subject in subjects { subject.program.end(.kill) }
        if verdict == nil, let step = subjects.compactMap(\.stepNotWritten).first {
            throw stop(.skipped, step)
        }
    }

    // MARK: - Running the program

    /// Starts the stage's program, ``program``.
    ///
    /// - Parameters:
    ///   - arguments: what it is given after its name.
    ///   - faults: what the recorder is asked to do to its socket calls.
    ///   - hosts: what getaddrinfo(3) is to answer it; nil leaves that to the machine.
    ///   - input: where standard input comes from.
    ///   - terminal: whether standard input and output are a terminal.
    ///   - taken: a descriptor that the program finds open, the recorder's; nil: far from its own.
    ///   - openFiles: how many descriptors it may have; nil: enough.
    func run(
        _ arguments: String...,
        faults: [Recorder.Fault] = [],
        hosts: [String]? = nil,
        input: Launch.Input = .pipe,
        terminal: Bool = false,
        taken: Int32? = nil,
        openFiles: Int? = nil
    ) throws -> Subject {
        try run(
            arguments,
            faults: faults,
            hosts: hosts,
            input: input,
            terminal: terminal,
            taken: taken,
            openFiles: openFiles
        )
    }

    func run(
        _ arguments: [String],
        faults: [Recorder.Fault] = [],
        hosts: [String]? = nil,
        input: Launch.Input = .pipe,
        terminal: Bool = false,
        taken: Int32? = nil,
        openFiles: Int? = nil
    ) throws -> Subject {
        var launch = Launch(try path(of: program), arguments)
        launch.input = input
        launch.terminal = terminal
        launch.environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", "LANG": "C"]
        // What ends a program that is stuck is the patience of its check: a slow one on a busy machine is
        // right.
        launch.limits.wall = .seconds(600)
        launch.limits.processorTime = .seconds(120)
        launch.limits.lingering = lingering
        if let openFiles { launch.limits.openFiles = openFiles }
        if let library = Subject.recorder {
            var recorder = Recorder(library: library, faults: faults, hosts: hosts)
            if let taken { recorder.descriptor = taken }
            recorder.add(to: &launch)
        }
        let subject = Subject(
            program: try RunningProgram(launch),
            commandLine: ([program.name] + arguments.map(Self.quoted)).joined(separator: " "),
            test: self
        )
        subjects.append(subject)
        return subject
    }

    // Found out once: it takes a tenth of what it takes to start a program.
    private static let products = Products.besideThisProgram
    private static let subjects = ProcessInfo.processInfo.environment["LAB_SUBJECT"] ?? "labs"

    private func path(of program: Program) throws -> String {
        let path =
            switch Self.subjects {
            case "labs": Self.products.program(program.name)
            case "solutions": Self.products.program(program.solutionProduct)
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
