import Course

/// Wrong use of `lab`: told in one line, with exit status 64.
struct WrongUsage: Error {
    let message: String
    /// What the command takes, where it is known which command was meant.
    var usage: String?
}

/// The words after a command's name, taken one by one.
struct Words {
    private var rest: [String]

    init(_ words: [String]) {
        rest = words
    }

    /// Takes the first word, the name of a command.
    mutating func takeFirst() -> String? {
        rest.isEmpty ? nil : rest.removeFirst()
    }

    /// Takes the flag `name` out; whether it was there.
    mutating func takeFlag(_ name: String) -> Bool {
        guard let index = rest.firstIndex(of: name) else { return false }
        rest.remove(at: index)
        return true
    }

    /// Takes the option `name` and its value out, written `--name value` or `--name=value`; nil where it is
    /// not there.
    mutating func takeOption(_ name: String) throws(WrongUsage) -> String? {
        if let index = rest.firstIndex(where: { $0.hasPrefix("\(name)=") }) {
            return String(rest.remove(at: index).dropFirst(name.count + 1))
        }
        guard let index = rest.firstIndex(of: name) else { return nil }
        guard rest.indices.contains(index + 1) else { throw WrongUsage(message: "\(name) needs a value") }
        let value = rest.remove(at: index + 1)
        rest.remove(at: index)
        return value
    }

    /// Takes the option `--format` out: one of the formats that the command knows, text where it is not there.
    mutating func takeFormat<Format: RawRepresentable<String> & CaseIterable>() throws(WrongUsage) -> Format {
        let name = try takeOption("--format") ?? "text"
        if let format = Format(rawValue: name) { return format }
        throw .unknown("format", name, among: Format.allCases.map(\.rawValue))
    }

    /// What is left: the words that are no options.
    ///
    /// - Parameter options: those of the command, to tell which one may have been meant.
    func finish(options: [String], atMost count: Int = .max) throws(WrongUsage) -> [String] {
        if let unknown = rest.first(where: { $0.hasPrefix("-") && $0 != "-" }) {
            if options.contains(unknown) { throw WrongUsage(message: "once is enough: \(unknown)") }
            throw .unknown("option", unknown, among: options)
        }
        if rest.count > count { throw WrongUsage(message: "that is a word too many: \(rest[count])") }
        return rest
    }
}

extension WrongUsage {
    /// - Parameter known: the words that exist, to tell which one may have been meant.
    static func unknown(_ kind: String, _ word: String, among known: [String]) -> WrongUsage {
        let guess = Spelling.nearest(to: word, among: known).map { ": did you mean \($0)?" }
        let all = known.isEmpty ? "" : ", but \(known.joined(separator: ", "))"
        return WrongUsage(message: "there is no \(kind) \(word)" + (guess ?? all))
    }
}
