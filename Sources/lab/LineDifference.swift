/// How two texts differ, line by line, in the unified form of diff(1).
struct LineDifference {
    private struct Line {
        let mark: Character
        let text: Substring
    }

    private let lines: [Line]

    init(from old: String, to new: String) {
        let old = Self.lines(of: old)
        let new = Self.lines(of: new)
        let changes = new.difference(from: old)
        let removed = Set(changes.removals.map(Self.offset))
        let inserted = Set(changes.insertions.map(Self.offset))
        var lines: [Line] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if removed.contains(i) {
                lines.append(Line(mark: "-", text: old[i]))
                i += 1
            } else if inserted.contains(j) {
                lines.append(Line(mark: "+", text: new[j]))
                j += 1
            } else {
                lines.append(Line(mark: " ", text: old[i]))
                i += 1
                j += 1
            }
        }
        self.lines = lines
    }

    /// A newline ends a line: after the last one there is none.
    private static func lines(of text: String) -> [Substring] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.last?.isEmpty == true ? lines.dropLast() : lines
    }

    private static func offset<Element>(_ change: CollectionDifference<Element>.Change) -> Int {
        switch change {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
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
