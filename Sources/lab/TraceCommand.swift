import Course
import Foundation
import Grading
import Tracing

/// Draws what a program and its peer say to each other.
struct TraceCommand: Command {
    static let name = "trace"
    static let synopsis = "trace [STAGE] [--solution | --failed | --check NAME] [--svg FILE]"
    static let summary = "your program's socket calls, its peer's, and the segments in between"
    static let discussion = """
        Runs your program with a peer that follows a script, and draws both as two lanes
        of calls.

          --solution      the solution's program in place of yours
          --failed        the conversation of the first check that failed when the stage
                          was last checked
          --check NAME    the same of another check that failed then
          --svg FILE      as a picture for a page, into FILE
        """

    private let stage: Stage?
    private let drawsSolution: Bool
    private let drawsFailed: Bool
    private let check: String?
    private let file: String?

    init(_ words: inout Words) throws {
        drawsSolution = words.takeFlag("--solution")
        drawsFailed = words.takeFlag("--failed")
        check = try words.takeOption("--check")
        file = try words.takeOption("--svg")
        if [drawsSolution, drawsFailed, check != nil].filter({ $0 }).count > 1 {
            throw WrongUsage(message: "one of --solution, --failed and --check")
        }
        let options = ["--solution", "--failed", "--check", "--svg"]
        stage = try words.finish(options: options, atMost: 1).first.map(Stage.init)
    }

    func run(in desk: Desk) throws -> ExitStatus {
        try desk.expectWritable(file)
        let stage = stage ?? desk.current()
        let conversations = try conversations(of: stage, in: desk)
        for (index, conversation) in conversations.enumerated() {
            if let file {
                let file = index == 0 ? file : Self.numbered(file, index + 1)
                try desk.deliver(SVGDrawing(conversation).text, to: file)
                desk.say("drawn into \(file)")
            } else {
                if index > 0 { desk.say() }
                for line in TextDrawing(conversation, style: desk.style).lines { desk.say(line) }
            }
        }
        return conversations.isEmpty ? .failed : .passed
    }

    /// `trace.svg` as `trace-2.svg`, for the second program of a stage.
    private static func numbered(_ file: String, _ number: Int) -> String {
        let url = URL(filePath: file)
        let name = url.deletingPathExtension().relativePath
        return "\(name)-\(number)" + (url.pathExtension.isEmpty ? "" : ".\(url.pathExtension)")
    }

    /// One for each program; none where there is none: that is said.
    private func conversations(of stage: Stage, in desk: Desk) throws -> [Conversation] {
        if !drawsFailed && check == nil {
            switch try desk.rehearse(stage, of: drawsSolution ? .solutions : .labs) {
            case .success(let conversations): return conversations
            case .failure(let failure): desk.say(failure.errors)
            }
            return []
        }
        let known = FailedCheck.all(of: stage, in: desk.repository)
        if let match = known.first(where: { $0.isCalled(check ?? "") }) { return [try match.conversation()] }
        let name = check.map { " called \($0)" } ?? ""
        desk.say("No check\(name) failed when \(stage.rawValue) was last checked.")
        for failed in known {
            desk.say("  \(desk.command("trace \(stage.rawValue) --check \(failed.word)"))")
        }
        return []
    }
}

extension Desk {
    /// Builds a stage's programs and has each play its conversation.
    func rehearse(_ stage: Stage, of submission: Submission) throws -> Result<[Conversation], DoesNotBuild> {
        let grader = try grader()
        switch try grader.build(stage, of: submission) {
        case .doesNotBuild(let errors):
            return .failure(DoesNotBuild(errors: errors))
        case .built(let folder, _, _):
            let recorder = Products.besideThisProgram.recorder
            return .success(
                try stage.programs.map { program in
                    let executable = "\(folder)/\(program.name)"
                    return try Rehearsal(stage, program, executable: executable, recorder: recorder).run()
                }
            )
        }
    }
}

/// What the compiler said of a program.
struct DoesNotBuild: Error {
    let errors: String
}
