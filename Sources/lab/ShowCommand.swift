import Course
import Results

/// Shows a stage's handout.
struct ShowCommand: Command {
    static let name = "show"
    static let synopsis = "show [STAGE]"
    static let summary = "read the handout of a stage"
    static let discussion = "Without STAGE, of the first stage that has not passed."

    private let stage: Stage?

    init(_ words: inout Words) throws {
        stage = try words.finish(options: [], atMost: 1).first.map(Stage.init)
    }

    func run(in desk: Desk) throws -> ExitStatus {
        let stage = stage ?? desk.current()
        guard let handout = desk.repository.handout(stage) else {
            throw MissingFile(path: "Labs/\(stage.folder)/README.md")
        }
        var isCode = false
        for line in handout.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            // A block of code is indented by four, after an empty line.
            isCode = line.hasPrefix("    ") || (isCode && line.isEmpty)
            desk.say(shown(line, isCode: isCode, in: desk.style))
        }
        return .passed
    }

    private func shown(_ line: String, isCode: Bool, in style: Style) -> String {
        if isCode { return style.cyan(line) }
        return line.hasPrefix("#") ? style.bold(line) : line
    }
}

/// A file of the checkout is not there: its path from the top.
struct MissingFile: Error, CustomStringConvertible {
    let path: String

    var description: String { "there is no \(path): git checkout \(path) brings it back" }
}
