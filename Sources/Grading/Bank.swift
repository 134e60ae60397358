import Course
import Foundation

/// The bank of programs that the suites are tried on: wrong ones, each with the check that must catch it, and
/// right ones that nothing may refuse.
///
/// It is data, a folder for each stage. In `wrong.txt` stand the programs that differ from the solution in a
/// few lines:
///
///     ## port-bytes-swapped
///     caught by testStep1AsksForThePortThatItIsTold
///     cause network byte order
///     -    address.sin_port = port.bigEndian
///     +    address.sin_port = port
///
/// A `-` line stands in the solution just once, and is replaced by the `+` lines that follow; several that
/// follow each other stand there together. `cause` is part of what the check's message must say. A folder in
/// `wrong` or in `right` holds the files of a whole program; that of a wrong one begins with the same two
/// lines, as comments.
public struct Bank: Sendable {
    /// A program of the bank.
    public struct Entry: Sendable {
        public let stage: Stage
        public let name: String
        /// The text of its files, by their names.
        public let files: [String: String]
        /// The check that must catch it; nil for a right program.
        public let caughtBy: String?
        /// What the message of that check must say; nil where nothing is asked of it.
        public let cause: String?
    }

    public let entries: [Entry]

    /// Reads the bank of a checkout.
    ///
    /// - Throws: ``KitFailure`` that names the entry which can't be understood.
    public init(of repository: Repository) throws(KitFailure) {
        var entries: [Entry] = []
        for stage in Stage.allCases {
            let folder = "\(repository.root)/Tests/KitTests/Bank/\(stage.folder)"
            entries += try Self.variations(of: stage, listedIn: "\(folder)/wrong.txt", repository)
            entries += try Self.wholePrograms(of: stage, in: "\(folder)/wrong", areWrong: true)
            entries += try Self.wholePrograms(of: stage, in: "\(folder)/right", areWrong: false)
        }
        self.entries = entries
    }

    // MARK: - Variations of the solution

    private static func variations(
        of stage: Stage,
        listedIn path: String,
        _ repository: Repository
    ) throws(KitFailure) -> [Entry] {
        guard let list = text(path) else { return [] }
        var entries: [Entry] = []
        for block in ("\n" + list).components(separatedBy: "\n## ").dropFirst() {
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
            let name = String(lines[0])
            var files: [String: String] = [:]
            for program in stage.programs {
                files[program.file] = repository.solution(of: program, in: stage)?.text
            }
            for change in Change.all(in: lines.dropFirst()) {
                let holders = files.filter { change.count(in: $0.value) == 1 }
                guard holders.count == 1, let (file, text) = holders.first else {
                    throw KitFailure(
                        "\(path): \(name): this does not stand just once in the solution:\n\(change.old)"
                    )
                }
                files[file] = change.applied(to: text)
            }
            entries.append(try entry(stage, name, files, about: lines.dropFirst().map(String.init), in: path))
        }
        return entries
    }

    /// Lines of the solution, and what stands in their place.
    private struct Change {
        var old = ""
        var new = ""

        static func all(in lines: ArraySlice<Substring>) -> [Change] {
            var changes: [Change] = []
            var previous: Character?
            for line in lines {
                let mark = line.first
                if mark == "-" {
                    if previous != "-" { changes.append(Change()) }
                    changes[changes.count - 1].old += line.dropFirst() + "\n"
                } else if mark == "+", !changes.isEmpty {
                    changes[changes.count - 1].new += line.dropFirst() + "\n"
                }
                previous = mark
            }
            return changes
        }

        func count(in text: String) -> Int {
            let lines = text.components(separatedBy: "\n")
            let wanted = old.components(separatedBy: "\n").dropLast()
            return lines.indices.filter { lines[$0...].starts(with: wanted) }.count
        }

        func applied(to text: String) -> String {
            String(("\n" + text).replacingOccurrences(of: "\n" + old, with: "\n" + new).dropFirst())
        }
    }

    // MARK: - Whole programs

    private static func wholePrograms(
        of stage: Stage,
        in folder: String,
        areWrong: Bool
    ) throws(KitFailure) -> [Entry] {
        var entries: [Entry] = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() {
            var files: [String: String] = [:]
            for path in SourceFiles.under("\(folder)/\(name)", endings: [".swift"]) {
                files[String(path.dropFirst("\(folder)/\(name)/".count))] = text(path)
            }
            let about = files.values.flatMap { $0.split(separator: "\n") }
                .filter { $0.hasPrefix("// ") }.map { String($0.dropFirst(3)) }
            if areWrong {
                entries.append(try entry(stage, name, files, about: about, in: folder))
            } else {
                entries.append(Entry(stage: stage, name: name, files: files, caughtBy: nil, cause: nil))
            }
        }
        return entries
    }

    private static func entry(
        _ stage: Stage,
        _ name: String,
        _ files: [String: String],
        about lines: [String],
        in path: String
    ) throws(KitFailure) -> Entry {
        func value(_ key: String) -> String? {
            lines.first { $0.hasPrefix(key + " ") }.map { String($0.dropFirst(key.count + 1)) }
        }
        guard let check = value("caught by") else {
            throw KitFailure("\(path): \(name) does not say which check it is caught by")
        }
        return Entry(stage: stage, name: name, files: files, caughtBy: check, cause: value("cause"))
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Bank.Entry {
    /// Writes the files into a folder of the stage's name, in `folder`; returns the submission that this
    /// makes.
    public func write(into folder: String) throws(KitFailure) -> Submission {
        try .write(files, of: stage, into: folder)
    }
}
