import Course
import Grading
import Results
import Tracing

/// Shows how the student's program and the solution differ.
struct CompareCommand: Command {
    static let name = "compare"
    static let synopsis = "compare [STAGE] [--spoil]"
    static let summary = "your program beside the solution, once it has passed"
    static let discussion = """
        Shows a diff: - for your lines, + for those of the solution; and what calls both
        programs make when they meet the same peer. Your way may be as right as it.

          --spoil    also before the stage has passed
        """

    private let stage: Stage?
    private let spoils: Bool

    init(_ words: inout Words) throws {
        spoils = words.takeFlag("--spoil")
        stage = try words.finish(options: ["--spoil"], atMost: 1).first.map(Stage.init)
    }

    func run(in desk: Desk) throws -> ExitStatus {
        let stage = stage ?? desk.lastPassed()
        if !spoils && desk.repository.lastResult(of: stage)?.state != .passed {
            desk.say("\(stage.rawValue) has not passed yet. The solution is best met after your own:")
            desk.say("  \(desk.command("check \(stage.rawValue)"))")
            desk.say("  \(desk.command("compare \(stage.rawValue) --spoil"))   (to see it all the same)")
            return .failed
        }
        let differing = try stage.programs.filter { try compare($0, of: stage, in: desk) }
        if !differing.isEmpty { try compareConversations(of: stage, in: desk) }
        return .passed
    }

    /// What each program and its solution make of the same peer. Where one does not build, the diff has to do.
    private func compareConversations(of stage: Stage, in desk: Desk) throws {
        guard case .success(let ours) = try desk.rehearse(stage, of: .labs),
            case .success(let theirs) = try desk.rehearse(stage, of: .solutions)
        else { return }
        for (ours, theirs) in zip(ours, theirs) {
            desk.say()
            for line in ComparisonDrawing(ours, theirs, style: desk.style).lines { desk.say(line) }
        }
        desk.say()
        desk.say("who waited for whom: \(desk.command("trace \(stage.rawValue)"))")
    }

    /// Shows the diff. Returns whether there is any.
    private func compare(_ program: Program, of stage: Stage, in desk: Desk) throws -> Bool {
        let solution = "Solutions/\(stage.folder)/\(program.file)"
        guard let theirs = desk.repository.solution(of: program, in: stage)?.text else {
            throw MissingFile(path: solution)
        }
        guard let ours = desk.repository.submission(of: program, in: stage) else {
            if SourceFiles.under(desk.repository.labs(stage), endings: [".swift"]).isEmpty {
                throw MissingFile(path: "Labs/\(stage.folder)/\(program.file)")
            }
            desk.say("your program is in files of other names: the solution is in \(solution)")
            return true
        }
        let difference = LineDifference(from: ours, to: theirs)
        if difference.isEmpty {
            desk.say("Labs/\(stage.folder)/\(program.file) is the solution, line for line")
            return false
        }
        desk.say(desk.style.red("--- Labs/\(stage.folder)/\(program.file)"))
        desk.say(desk.style.green("+++ \(solution)"))
        for line in difference.unified(context: 3) {
            switch line.first {
            case "-": desk.say(desk.style.red(line))
            case "+": desk.say(desk.style.green(line))
            case "@": desk.say(desk.style.cyan(line))
            default: desk.say(line)
            }
        }
        return true
    }
}
