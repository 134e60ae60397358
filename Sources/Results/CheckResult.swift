/// What came of one check of a stage.
public struct CheckResult: Codable, Hashable, Sendable {
    public enum Outcome: String, Codable, Sendable {
        case passed
        case failed
        /// A step that it needs is still to be written.
        case skipped
        /// The check that it depends on did not pass.
        case notReached
        /// The kit could not find out: no fault of the program, and no points lost.
        case couldNotRun
    }

    /// The test method: `testStep2StartsAgainAtOnce_Listen`. No two stages share one.
    public let name: String
    /// The same as a sentence: `starts again at once`.
    public let title: String
    /// The step of the handout that it belongs to.
    public let step: Int
    public var outcome: Outcome
    public var seconds: Double
    /// Why it did not pass; empty where it did.
    public var message: String

    /// The step to work at: the one that is still to be written where the check was skipped for it, else its
    /// own.
    public var openStep: Int {
        guard outcome == .skipped, message.hasPrefix("step ") else { return step }
        return Int(message.dropFirst("step ".count).prefix { $0.isNumber }) ?? step
    }

    /// What the message names as the cause; nil where it names none.
    public var cause: String? {
        let lines = message.split(separator: "\n")
        guard let start = lines.firstIndex(where: { $0.hasPrefix("cause ") }) else { return nil }
        return ([lines[start]] + lines[(start + 1)...].prefix { $0.hasPrefix(" ") }).joined(separator: "\n")
    }

    public init(name: String, outcome: Outcome, seconds: Double = 0, message: String = "") {
        let (step, words) = CheckName.parse(name)
        self.name = name
        self.title = words
        self.step = step
        self.outcome = outcome
        self.seconds = seconds
        self.message = message
    }
}

/// How the name of a test method tells a check's step and its title.
enum CheckName {
    /// - Parameter name: `testStep2StartsAgainAtOnce_Listen`. What comes after the underscore only keeps it
    ///   apart from the same check of another stage.
    /// - Returns: the step (0 where the name has none), and `starts again at once`
    static func parse(_ name: String) -> (step: Int, title: String) {
        var rest = name.prefix { $0 != "_" }
        if rest.hasPrefix("test") { rest = rest.dropFirst(4) }
        let digits = rest.hasPrefix("Step") ? rest.dropFirst(4).prefix { $0.isNumber } : ""
        guard let step = Int(digits) else { return (0, words(rest).joined(separator: " ")) }
        return (step, words(rest.dropFirst(4 + digits.count)).joined(separator: " "))
    }

    /// Splits camel case. A run of capitals stays together, but for the last where a small letter follows:
    /// `KeepsEINTRApart` is `keeps`, `EINTR`, `apart`.
    private static func words(_ text: Substring) -> [String] {
        var words: [String] = []
        var rest = text
        while !rest.isEmpty {
            let capitals = rest.prefix { $0.isUppercase || $0.isNumber }
            let startsWord = rest.dropFirst(capitals.count).first?.isLowercase == true
            if let name = ["IPv4", "IPv6"].first(where: rest.hasPrefix) {
                words.append(name)
                rest = rest.dropFirst(name.count)
            } else if capitals.count > 1 {
                let acronym = startsWord ? capitals.dropLast() : capitals
                words.append(acronym.count == 1 ? acronym.lowercased() : String(acronym))
                rest = rest.dropFirst(acronym.count)
            } else {
                let word = rest.prefix(1) + rest.dropFirst().prefix { !$0.isUppercase }
                words.append(word.lowercased())
                rest = rest.dropFirst(word.count)
            }
        }
        return words
    }
}
