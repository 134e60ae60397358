/// Says what `lab` can do.
struct HelpCommand: Command {
    static let name = "help"
    static let synopsis = "help [COMMAND]"
    static let summary = "what lab can do, or one of its commands"
    static let discussion = ""

    private let command: (any Command.Type)?

    init(_ words: inout Words) throws {
        let name = try words.finish(options: [], atMost: 1).first
        command = try name.map { name in
            guard let type = Lab.commands.first(where: { $0.name == name }) else {
                throw WrongUsage.unknown("command", name, among: Lab.commands.map { $0.name })
            }
            return type
        }
    }

    func run(in desk: Desk) throws -> ExitStatus { run() }

    /// Help is to be had outside a checkout too.
    func run() -> ExitStatus {
        Terminal.write(Self.text(for: command ?? Self.self))
        return .passed
    }

    /// The help of one command; for `help` itself, and for the map that `lab` alone draws, that of the whole.
    static func text(for command: any Command.Type) -> String {
        if command == Self.self || command == MapCommand.self { return overview }
        let discussion = command.discussion.isEmpty ? "" : "\n\(command.discussion)\n"
        return "lab \(command.synopsis)\n\n\(command.summary)\n\(discussion)"
    }

    private static var overview: String {
        let rows = Lab.commands.map { "  \($0.name.padded(to: 10))\($0.summary)" }
        return """
            lab: grades what you write in Labs, and shows you the way through.

            usage: lab [COMMAND]

            \(rows.joined(separator: "\n"))

            lab help COMMAND says more. A stage is called by its name or its number: bind,
            2, 02-bind. Exit status of the commands that grade: 0 all passed, 1 something
            failed. Of all: 64 wrong usage, 70 the kit itself could not.

            """
    }
}
