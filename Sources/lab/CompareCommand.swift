import Course
import Results

/// Shows how the student's program and the solution differ.
struct CompareCommand: Command {
    static let name = "compare"
    static let synopsis = "compare [STAGE] [--spoil]"
    static let summary = "your program beside the solution, once it has passed"
    static let discussion = """
        Shows a diff: - for your lines, + for those of the solution. Your way may be as right as it.

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
        if !spoils && desk.remembered(stage)?.state != .passed {
            desk.say("\(stage.rawValue) has not passed yet. The solution is best met after your own:")
            desk.say("  \(desk.command("check \(stage.rawValue)"))")
            desk.say("  \(desk.command("compare \(stage.rawValue) --spoil"))   (to see it all the same)")
            return .failed
        }
        for program in stage.programs { try compare(program, of: stage, in: desk) }
        return .passed
    }

    private func compare(_ program: Program, of stage: Stage, in desk: Desk) throws {
        let solution = "Solutions/\(stage.folder)/\(program.file)"
        guard let theirs = desk.repository.solution(of: program, in: stage)?.text else {
            throw MissingFile(path: solution)
        }
        guard let ours = desk.repository.submission(of: program, in: stage) else {
            throw MissingFile(path: "Labs/\(stage.folder)/\(program.file)")
        }
        let difference = LineDifference(from: ours, to: theirs)
        if difference.isEmpty {
            return desk.say("Labs/\(stage.folder)/\(program.file) is the solution, line for line")
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
    }
}
