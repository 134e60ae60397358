import Course
import Foundation
import Grading
import Results

/// Grades a submission, and writes a report of it.
struct GradeCommand: Command {
    static let name = "grade"
    static let synopsis = """
        grade [STAGE…] [--solutions | --submission FOLDER] [--format text|json|junit] [--output FILE]
        """
    static let summary = "grade every stage, for people or for other tools"
    static let discussion = """
        Without STAGE, every stage. Exit status 0 when all passed, 1 when something
        failed, 70 when the kit could not.

          --solutions           grade the kit's own solutions
          --submission FOLDER   grade somebody's work: a folder that holds Labs, or the
                                stages' folders. Nothing but their Swift files is read,
                                and nothing is written there.
          --format FORMAT       text (the default), json or junit
          --output FILE         write the report to FILE, in place of standard output
        """

    enum Format: String, CaseIterable {
        case text, json, junit
    }

    private let stages: [Stage]
    private let submission: Submission
    private let format: Format
    private let output: String?

    init(_ words: inout Words) throws {
        let solutions = words.takeFlag("--solutions")
        let folder = try words.takeOption("--submission")
        if solutions && folder != nil { throw WrongUsage(message: "--solutions or --submission, not both") }
        submission = try folder.map(Self.submission) ?? (solutions ? .solutions : .labs)
        format = try words.takeFormat()
        output = try words.takeOption("--output")
        let options = ["--solutions", "--submission", "--format", "--output"]
        let named = Set(try words.finish(options: options).map(Stage.init))
        stages = Stage.allCases.filter { named.isEmpty || named.contains($0) }
    }

    func run(in desk: Desk) throws -> ExitStatus {
        try desk.expectWritable(output)
        let grader = try desk.grader()
        var results: [StageResult] = []
        for stage in stages {
            desk.progress.show("grading \(stage.rawValue) …")
            results.append(grader.result(of: stage, of: submission))
            desk.progress.clear()
        }
        let report = GradeReport(of: zip(stages, results))
        try write(report, in: desk)
        return ExitStatus(of: report.stages)
    }

    private func write(_ report: GradeReport, in desk: Desk) throws {
        let style = output == nil ? desk.style : .plain
        let text =
            switch format {
            case .text: TextFormat(style: style).report(report)
            case .json: JSONFormat.text(report)
            case .junit: JUnitFormat.text(report)
            }
        try desk.deliver(text, to: output)
    }

    /// A folder that holds `Labs`, or the stages' folders themselves.
    private static func submission(_ path: String) throws(WrongUsage) -> Submission {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw WrongUsage(message: "there is no folder \(path)")
        }
        let folder = URL(filePath: path).standardizedFileURL.path
        let labs = "\(folder)/Labs"
        return .folder(FileManager.default.fileExists(atPath: labs) ? labs : folder)
    }
}
