/// A line of a solution, as the rules of mutation see it. The solutions' formatting is what they rely on: a
/// statement a line, four spaces a level.
struct SourceLine: Sendable {
    let text: String

    /// How many spaces it begins with.
    var indentation: Int { text.prefix { $0 == " " }.count }

    /// What stands behind them.
    var code: Substring { text.dropFirst(indentation) }

    var isBlankOrComment: Bool { code.isEmpty || code.hasPrefix("//") }

    /// Whether there is anything in it to go wrong: it declares nothing, and is more than a bracket.
    var isCode: Bool {
        let declarations = ["import ", "@main", "struct ", "static func ", "func ", "///"]
        return !isBlankOrComment && code.contains(where: \.isLetter)
            && !declarations.contains(where: code.hasPrefix)
    }

    /// Whether it holds one whole statement, which could stand elsewhere.
    var isStatement: Bool {
        var depth = 0
        for character in code {
            if "([{".contains(character) { depth += 1 }
            if ")]}".contains(character) { depth -= 1 }
            if depth < 0 { return false }
        }
        return isCode && depth == 0 && !code.hasPrefix(".")
    }

    /// Whether it declares a value; one that keeps `errno` is more than that.
    var declares: Bool { (code.hasPrefix("let ") || code.hasPrefix("var ")) && !code.hasSuffix("errno") }

    /// The variable that it declares; nil where it declares none.
    var declaredName: String? {
        guard code.hasPrefix("let ") || code.hasPrefix("var ") else { return nil }
        return String(code.dropFirst(4).prefix { $0.isLetter || $0.isNumber })
    }

    /// Whether `word` stands in it, outside of strings.
    func mentions(_ word: String) -> Bool { !occurrences(of: word).isEmpty }

    /// Whether it gives a variable its value.
    var assigns: Bool { code.contains(" = ") && code.first?.isLetter == true }

    /// What stands between `prefix`, with which the line's code begins, and the first `suffix` after it; nil
    /// where they do not stand there.
    func between(_ prefix: String, _ suffix: String) -> Range<String.Index>? {
        guard code.hasPrefix(prefix) else { return nil }
        let start = text.index(code.startIndex, offsetBy: prefix.count)
        return text[start...].range(of: suffix).map { start..<$0.lowerBound }
    }

    /// The line with `range` replaced.
    func replacing(_ range: Range<String.Index>, with new: String) -> String {
        text.replacingCharacters(in: range, with: new)
    }

    /// The line with each occurrence of `old` replaced, one at a time. What stands in a string is left alone,
    /// and so is a part of a longer word.
    func replacing(_ old: String, with new: String) -> [String] {
        occurrences(of: old).map { replacing($0, with: new) }
    }

    private func occurrences(of old: String) -> [Range<String.Index>] {
        var found: [Range<String.Index>] = []
        var rest = text[...]
        while let range = rest.range(of: old) {
            if isCode(at: range.lowerBound), !splitsAWord(range) { found.append(range) }
            rest = text[range.upperBound...]
        }
        return found
    }

    /// The decimal numbers, with their signs: not those in strings and names.
    var numbers: [(range: Range<String.Index>, value: Int)] {
        var numbers: [(Range<String.Index>, Int)] = []
        var index = text.startIndex
        while let start = text[index...].firstIndex(where: \.isNumber) {
            let end = text[start...].firstIndex { !$0.isNumber } ?? text.endIndex
            index = end
            let isSigned = text[..<start].hasSuffix(" -") || text[..<start].hasSuffix("(-")
            let range = (isSigned ? text.index(before: start) : start)..<end
            guard isCode(at: start), !splitsAWord(start..<end), !text[..<start].hasSuffix("$") else {
                continue
            }
            if let value = Int(text[range]) { numbers.append((range, value)) }
        }
        return numbers
    }

    private func isCode(at index: String.Index) -> Bool {
        text[..<index].filter { $0 == "\"" }.count.isMultiple(of: 2)
    }

    private func splitsAWord(_ range: Range<String.Index>) -> Bool {
        let (before, after) = (text[..<range.lowerBound].last, text[range.upperBound...].first)
        return Self.joins(before, text[range].first) || Self.joins(text[range].last, after)
    }

    private static func joins(_ left: Character?, _ right: Character?) -> Bool {
        [left, right].allSatisfy { $0 == "_" || $0?.isLetter == true || $0?.isNumber == true }
    }
}

extension [SourceLine] {
    /// The line with which the function begins that the line of that index is in.
    func function(at index: Int) -> Int {
        self[...index].lastIndex { $0.code.contains("func ") } ?? index
    }
}
