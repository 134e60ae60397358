/// A call that waits, as a bar beside its rows.
struct Span {
    /// Its place in the conversation.
    let call: Int
    let first: Int
    /// Nil: it waits on.
    var last: Int?
}

extension [Row] {
    /// Draws the bars. Each call that waits gets a column of its own, the first that is free.
    mutating func draw(_ spans: [Span]) {
        var columns: [[Range<Int>]] = []
        for span in spans.sorted(by: { $0.first < $1.first }) {
            guard let last = span.last else { continue }
            let rows = span.first..<Swift.max(span.first, last) + 1
            if let free = columns.firstIndex(where: { $0.allSatisfy { !$0.overlaps(rows) } }) {
                columns[free].append(rows)
            } else {
                columns.append([rows])
            }
        }
        for index in indices {
            self[index].bars = columns.map { column in
                guard let rows = column.first(where: { $0.contains(index) }) else { return .none }
                return index == rows.lowerBound ? .begins : index == rows.upperBound - 1 ? .ends : .goesOn
            }
        }
    }

    /// At most `limit` rows: in place of those in the middle, a notice. What one call has sent stays
    /// together, as a handshake.
    mutating func leaveOut(beyond limit: Int) {
        if count <= limit { return }
        var (lower, upper) = (limit / 2, count - limit / 2)
        while lower < upper && self[lower].time == nil { lower += 1 }
        while lower < upper && self[upper].time == nil { upper -= 1 }
        if lower == upper { return }
        var notice = Row(notice: "\(upper - lower) rows are left out here")
        let before = lower > 0 ? self[lower - 1].bars : []
        notice.bars = zip(before, self[upper].bars).map { before, after in
            let comes = before == .begins || before == .goesOn
            let goes = after == .goesOn || after == .ends
            return comes ? (goes ? .goesOn : .ends) : (goes ? .begins : .none)
        }
        replaceSubrange(lower..<upper, with: [notice])
    }
}
