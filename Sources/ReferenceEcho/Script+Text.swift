/// A line of a script that is no step, or none that can be played there.
public struct ScriptSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    public let text: String
    /// Whether it would be a step, did the connection not end before it.
    public let comesTooLate: Bool

    public var description: String {
        "script: line \(line) " + (comesTooLate ? "comes after the connection's end" : "is no step")
            + ": \(text)"
    }
}

extension Script {
    /// Reads a script that somebody wrote: a step on each line. Empty lines, and those that begin with `#`, are left
    /// out. Steps are as ``description`` has them, but for what is sent: all of it stands between the quotes, or
    /// `send 4096` sends so many bytes without a pattern. A count is of 64 MiB at the most.
    ///
    /// - Throws: the first line that is no step, or that comes after `close` or `reset`.
    public init(parsing text: String) throws(ScriptSyntaxError) {
        steps = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in zip(1..., lines) where !line.isEmpty && !line.hasPrefix("#") {
            let step = Step(line)
            let hasEnded = steps.last == .close || steps.last == .reset
            guard let step, !hasEnded else {
                throw ScriptSyntaxError(line: number, text: String(line), comesTooLate: step != nil)
            }
            steps.append(step)
        }
    }
}

extension Script.Step {
    fileprivate init?(_ line: Substring) {
        switch line {
        case "receive all sent": self = .receiveAllSent
        case "receive until end": self = .receiveUntilEnd
        case "half-close": self = .halfClose
        case "reset": self = .reset
        case "close": self = .close
        default:
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { return nil }
            let count = Int(words[1]).flatMap { (0...ScriptedClient.inboxLimit).contains($0) ? $0 : nil }
            switch (words[0], count) {
            case ("receive", let count?): self = .receive(count)
            case ("send", let count?): self = .send(Payload.pattern(count: count))
            case ("send", nil):
                guard let bytes = unquoted(words[1]) else { return nil }
                self = .send(bytes)
            default: return nil
            }
        }
    }
}

/// The bytes of `"text"`, its escapes resolved; nil where it is not quoted or an escape is unknown.
private func unquoted(_ text: Substring) -> [UInt8]? {
    guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return nil }
    var rest = Array(text.utf8)[1...].dropLast()
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\\") {
            guard let resolved = resolveEscape(&rest) else { return nil }
            bytes.append(resolved)
        } else {
            bytes.append(byte)
        }
    }
    return bytes
}

/// Takes what follows a backslash from the front of `rest`.
private func resolveEscape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
    guard let letter = rest.popFirst() else { return nil }
    switch UnicodeScalar(letter) {
    case "n": return UInt8(ascii: "\n")
    case "r": return UInt8(ascii: "\r")
    case "t": return UInt8(ascii: "\t")
    case "\"", "\\": return letter
    case "x":
        let digits = rest.prefix(2)
        rest = rest.dropFirst(2)
        return digits.count == 2 ? UInt8(String(decoding: digits, as: UTF8.self), radix: 16) : nil
    default: return nil
    }
}
