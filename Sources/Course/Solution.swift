/// The solution of a stage's program, and what is made from it.
///
/// A step is a function whose doc comment begins `/// Step 1.`. The starter is the solution with the body of
/// every step replaced by `todo(1)`, so the two can't drift apart.
public struct Solution: Sendable {
    public let text: String

    public init(text: String) {
        self.text = text
    }

    /// A function that the student writes.
    public struct Step: Hashable, Sendable {
        /// From 1, as in the handout.
        public let number: Int
        /// As Swift writes it: `loopbackAddress(port:)`.
        public let function: String
    }

    /// The steps, in the order in which they stand in the file.
    public var steps: [Step] {
        parts.compactMap { part in
            guard case .step(let number, let head, _) = part else { return nil }
            let signature = head.drop { !$0.hasPrefix("func ") }.joined(separator: " ")
            return Step(number: number, function: Self.name(of: signature))
        }
    }

    /// What the student is given: every step's body is still to be written.
    public var starter: String {
        parts.flatMap { part -> [Substring] in
            switch part {
            case .other(let line): [line]
            case .step(let number, let head, _): head + ["    todo(\(number))", "}"]
            }
        }.joined(separator: "\n")
    }

    private enum Part {
        case other(Substring)
        /// `head` is the doc comment and the signature, up to its `{`; `body` what follows, with the last
        /// `}`.
        case step(number: Int, head: [Substring], body: [Substring])
    }

    private var parts: [Part] {
        var parts: [Part] = []
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.first {
            if let number = Self.stepNumber(line) {
                let head = lines.prefix { !$0.hasSuffix("{") } + lines.drop { !$0.hasSuffix("{") }.prefix(1)
                let rest = lines.dropFirst(head.count)
                let body = rest.prefix { $0 != "}" } + ["}"]
                parts.append(.step(number: number, head: Array(head), body: Array(body)))
                lines = rest.dropFirst(body.count)
            } else {
                parts.append(.other(line))
                lines = lines.dropFirst()
            }
        }
        return parts
    }

    private static func stepNumber(_ line: Substring) -> Int? {
        let mark = "/// Step "
        guard line.hasPrefix(mark) else { return nil }
        return Int(line.dropFirst(mark.count).prefix { $0.isNumber })
    }

    /// `func bindSocket(_ socket: Int32, to address: sockaddr_in) -> Int32 {` as `bindSocket(_:to:)`.
    private static func name(of signature: String) -> String {
        let name = signature.dropFirst("func ".count).prefix { $0 != "(" }
        let parameters = signature.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
        let labels = parameters.split(separator: ",").map { parameter in
            (parameter.split(separator: ":").first ?? "").split(separator: " ").first.map { "\($0):" } ?? ""
        }
        return "\(name)(\(labels.joined()))"
    }
}
