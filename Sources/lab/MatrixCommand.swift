import Course
import Foundation
import Grading
import Results

/// Tries the suites themselves: on the bank's programs, and on mutants of the solutions.
struct MatrixCommand: Command {
    static let name = "matrix"
    static let synopsis = """
        matrix [STAGE…] [--bank | --mutants] [--runs N] [--format text|json] [--output FILE]
        """
    static let summary = "try the checks themselves, on programs whose verdict is known"
    static let discussion = """
        Grades the right and the wrong programs in Tests/KitTests/Bank, and mutants of
        the solutions: what one mistake makes of them. Each wrong program has to be
        caught by the check that it names, each right one has to pass, each check has to
        catch something, and each mutant that no check catches has to be told as right,
        with its reason, in the bank's survivors.txt. Exit status 0 when all of that
        holds, 1 when it doesn't, 70 when the kit could not.

          --bank            only the bank
          --mutants         only the mutants
          --runs N          grade each program N times; verdicts that differ are told
          --format FORMAT   text (the default) or json
          --output FILE     write the report to FILE, in place of standard output
        """

    enum Format: String, CaseIterable {
        case text, json
    }

    private let stages: [Stage]
    private let parts: Set<Matrix.Part>
    private let runs: Int
    private let format: Format
    private let output: String?

    init(_ words: inout Words) throws {
        let (bank, mutants) = (words.takeFlag("--bank"), words.takeFlag("--mutants"))
        if bank && mutants { throw WrongUsage(message: "--bank or --mutants, not both") }
        parts = bank ? [.bank] : mutants ? [.mutants] : [.bank, .mutants]
        let count = try words.takeOption("--runs") ?? "1"
        guard let runs = Int(count), runs > 0 else {
            throw WrongUsage(message: "--runs takes a number from 1 up, not \(count)")
        }
        self.runs = runs
        format = try words.takeFormat()
        output = try words.takeOption("--output")
        let options = ["--bank", "--mutants", "--runs", "--format", "--output"]
        let named = Set(try words.finish(options: options).map(Stage.init))
        stages = Stage.allCases.filter { named.isEmpty || named.contains($0) }
    }

    func run(in desk: Desk) throws -> ExitStatus {
        try desk.expectWritable(output)
        let matrix = Matrix(grader: try desk.grader())
        let report = try matrix.run(stages, parts: parts, runs: runs) { done, total in
            desk.progress.show("\(done) of \(total) programs tried …")
        }
        desk.progress.clear()
        let text =
            switch format {
            case .text: MatrixText(style: output == nil ? desk.style : .plain).report(report)
            case .json: JSONFormat.text(report)
            }
        try desk.deliver(text, to: output)
        return report.holds ? .passed : report.couldNotRun ? .kit : .failed
    }
}
