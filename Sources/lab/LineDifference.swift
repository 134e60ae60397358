import Tracing

/// How two texts differ, line by line, in the unified form of diff(1).
struct LineDifference {
    private struct Line {
        let mark: Character
        let text: Substring
    }

    private let lines: [Line]

    init(from old: String, to new: String) {
        lines = aligned(Self.lines(of: old), Self.lines(of: new), by: \.self).compactMap { row in
            switch row {
            case (let old?, nil): Line(mark: "-", text: old)
            case (nil, let new?): Line(mark: "+", text: new)
            case (let old, _): old.map { Line(mark: " ", text: $0) }
            }
        }
    }

    /// A newline ends a line: after the last one there is none.
    private static func lines(of text: String) -> [Substring] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.last?.isEmpty == true ? lines.dropLast() : lines
    }

    var isEmpty: Bool { lines.allSatisfy { $0.mark == " " } }

    /// The lines that differ, each group with `context` lines around it and a heading `@@ -1,4 +1,5 @@`.
    func unified(context: Int) -> [String] {
        var output: [String] = []
        var (old, new) = (1, 1)
        var start = lines.startIndex
        for group in groups(context: context) {
            for line in lines[start..<group.lowerBound] { advance(&old, &new, line) }
            let (firstOld, firstNew) = (old, new)
            for line in lines[group] { advance(&old, &new, line) }
            output.append("@@ -\(firstOld),\(old - firstOld) +\(firstNew),\(new - firstNew) @@")
            output += lines[group].map { "\($0.mark)\($0.text)" }
            start = group.upperBound
        }
        return output
    }

    private func advance(_ old: inout Int, _ new: inout Int, _ line: Line) {
        if line.mark != "+" { old += 1 }
        if line.mark != "-" { new += 1 }
    }

    /// The ranges of lines that are shown: those that differ and their neighbours, run together where they
    /// touch.
    private func groups(context: Int) -> [Range<Int>] {
        lines.indices.filter { lines[$0].mark != " " }.reduce(into: []) { groups, index in
            let range = max(0, index - context)..<min(lines.count, index + context + 1)
            if let last = groups.last, last.upperBound >= range.lowerBound {
                groups[groups.count - 1] = last.lowerBound..<range.upperBound
            } else {
                groups.append(range)
            }
        }
    }
}
