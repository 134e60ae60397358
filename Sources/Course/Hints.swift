/// The hints of a stage: for each step three, from a nudge to nearly the line.
///
/// They are read from a `HINTS.md`: under a heading `## Step 1`, a numbered list.
public struct Hints: Sendable {
    private var byStep: [Int: [String]] = [:]

    /// - Parameter markdown: the text of a `HINTS.md`.
    public init(markdown: String) {
        var step: Int?
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## Step ") {
                step = Int(line.dropFirst("## Step ".count).prefix { $0.isNumber })
            } else if let step, let first = Self.startOfHint(line) {
                byStep[step, default: []].append(first)
            } else if let step, var hint = byStep[step]?.popLast() {
                // Below the number a hint is indented by three columns; what is indented further is code.
                hint += "\n" + (line.hasPrefix("   ") ? line.dropFirst(3) : line)
                byStep[step]?.append(hint)
            }
        }
        byStep = byStep.mapValues { $0.map(Self.trimmed) }
    }

    /// The hints for a step, the mildest first; empty where there are none.
    public func forStep(_ step: Int) -> [String] { byStep[step] ?? [] }

    /// The steps that have hints, in order.
    public var steps: [Int] { byStep.keys.sorted() }

    private static func startOfHint(_ line: Substring) -> String? {
        let digits = line.prefix { $0.isNumber }
        let rest = line.dropFirst(digits.count)
        return !digits.isEmpty && rest.hasPrefix(". ") ? String(rest.dropFirst(2)) : nil
    }

    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
