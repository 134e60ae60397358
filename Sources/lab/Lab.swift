import Course
import Foundation
import Grading
import Results
import Supervision

/// The command line of the kit.
@main
struct Lab {
    static func main() {
        // A reader that is gone (lab grade | head) makes a write fail, in place of ending us.
        signal(SIGPIPE, SIG_IGN)
        Interruption.exit { _ in
            ProgressLine().clear()
            Leftovers.remove()
        }
        do {
            exit(try run(Array(CommandLine.arguments.dropFirst())).rawValue)
        } catch let error as WrongUsage {
            Terminal.complain("lab: \(error.message)")
            Terminal.complain("usage: \(error.usage ?? "lab [COMMAND] (see lab help)")")
            exit(ExitStatus.usage.rawValue)
        } catch {
            Terminal.complain("lab: \(error)")
            exit(ExitStatus.kit.rawValue)
        }
    }

    private static func run(_ arguments: [String]) throws -> ExitStatus {
        var words = Words(arguments)
        let asksForHelp = words.takeFlag("--help") || words.takeFlag("-h")
        let type = try commandType(words.takeFirst())
        if asksForHelp {
            Terminal.write(HelpCommand.text(for: type))
            return .passed
        }
        do {
            let command = try type.init(&words)
            if let help = command as? HelpCommand { return help.run() }
            let repository = try Repository.find(from: FileManager.default.currentDirectoryPath)
            return try command.run(in: Desk(repository: repository))
        } catch let error as WrongUsage {
            throw WrongUsage(message: error.message, usage: "lab \(type.synopsis)")
        }
    }

    private static func commandType(_ name: String?) throws -> any Command.Type {
        guard let name else { return MapCommand.self }
        if let type = commands.first(where: { $0.name == name }) { return type }
        throw WrongUsage.unknown("command", name, among: commands.map { $0.name })
    }

    /// Every command, in the order in which help lists them.
    static var commands: [any Command.Type] {
        [
            MapCommand.self, ShowCommand.self, CheckCommand.self, HintCommand.self, TraceCommand.self,
            CompareCommand.self, ResetCommand.self, BenchCommand.self, GradeCommand.self, MatrixCommand.self,
            HelpCommand.self,
        ]
    }
}

/// How `lab` ends.
enum ExitStatus: Int32 {
    case passed = 0
    case failed = 1
    case usage = 64
    case kit = 70

    /// What to say of `results`: that the kit could not do its work comes before anything else.
    init(of results: [StageResult]) {
        if results.contains(where: { $0.state == .couldNotRun }) {
            self = .kit
        } else {
            self = results.allSatisfy { $0.state == .passed } ? .passed : .failed
        }
    }
}

/// A command of `lab`.
protocol Command {
    static var name: String { get }
    /// What it takes, as in `check [STAGE…]`.
    static var synopsis: String { get }
    /// What it does, in a line.
    static var summary: String { get }
    /// What else there is to say, in paragraphs; and its options.
    static var discussion: String { get }

    /// - Parameter words: what was written after its name; it takes all of them.
    init(_ words: inout Words) throws

    func run(in desk: Desk) throws -> ExitStatus
}
