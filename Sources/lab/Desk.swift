import Course
import Foundation
import Grading
import Results

/// What every command works with: the checkout, and how it talks to whoever sits in front of it.
struct Desk {
    let repository: Repository
    let style = Style(isColoured: Terminal.isOutput && Self.wantsColour)
    let progress = ProgressLine()

    /// A grader whose tools are built.
    func grader() throws -> Grader {
        let grader = try Grader(repository: repository)
        if grader.kit.isNeeded {
            // To standard error, also where nobody watches: it may take a minute, the first time.
            Terminal.complain("Building the tests (once, and after a change of the kit) …")
            if try grader.kit.run() { startAnew() }
        }
        return grader
    }

    /// Has the `lab` that was just built do what this one was asked to. Where that fails, this one does.
    private func startAnew() {
        guard let path = Bundle.main.executablePath else { return }
        execv(path, CommandLine.unsafeArgv)
    }

    /// Not with NO_COLOR (no-color.org), nor in a terminal that knows no colours.
    private static var wantsColour: Bool {
        ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty && Terminal.knowsSequences
    }

    func say(_ text: String = "") {
        Terminal.write(text + "\n")
    }

    /// Throws where a report can't be delivered to `path`: better said before the work than after.
    func expectWritable(_ path: String?) throws(KitFailure) {
        guard let path else { return }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        if access(path, F_OK) == 0 ? access(path, W_OK) == 0 : access(folder, W_OK) == 0 { return }
        throw KitFailure("can't write \(path): \(String(cString: strerror(errno)))")
    }

    /// Writes a report to a file, or to standard output where none is named.
    func deliver(_ report: String, to path: String?) throws {
        do {
            guard let path else { return try Terminal.deliver(report) }
            // A link or a device stays what it is. What is a file, or nothing yet, is there as a whole or not at all.
            let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            let isFile = type ?? .typeRegular == .typeRegular
            try Data(report.utf8).write(to: URL(filePath: path), options: isFile ? .atomic : [])
        } catch {
            throw KitFailure("can't write \(path ?? "to standard output"): \(error.reason)")
        }
    }

    /// The command that a reader can type for what `lab` was told to do.
    func command(_ words: String) -> String {
        "swift run lab \(words)"
    }

    /// The first step of `stage` that had not passed when it was last checked; nil where that is not known.
    func openStep(of stage: Stage) -> Int? {
        repository.lastResult(of: stage)?.openCheck?.openStep
    }

    /// The last stage that has passed; the first stage where none has.
    func lastPassed() -> Stage {
        Stage.allCases.last(where: passes()) ?? .create
    }

    /// The first stage that has not passed when it was last checked; the last stage where all have.
    func current() -> Stage {
        let passes = passes()
        return Stage.allCases.first { !passes($0) } ?? Stage.allCases[Stage.allCases.count - 1]
    }

    /// Tells whether a stage passed when it was last checked, and nothing has changed since.
    private func passes() -> (Stage) -> Bool {
        // One for all stages: it looks at every file of the kit, and may ask the compiler who it is.
        let grader = try? Grader(repository: repository)
        return { stage in (try? grader?.remembered(stage, of: .labs))?.state == .passed }
    }
}

extension Stage {
    /// - Parameter word: what somebody wrote for a stage: `bind`, `2`, `02`, `02-bind` or `Labs/02-bind`.
    init(_ word: String) throws(WrongUsage) {
        let last = word.split(separator: "/").last.map(String.init) ?? word
        let match = Self.allCases.first { stage in
            [stage.rawValue, stage.folder].contains(last) || Int(last) == stage.number
        }
        guard let match else { throw .unknown("stage", word, among: Self.allCases.map(\.rawValue)) }
        self = match
    }
}
