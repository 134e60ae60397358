import Results
import Supervision

/// The calls of two programs side by side, for a terminal 80 columns wide: those that both make in the same
/// place stand in one line.
public struct ComparisonDrawing {
    private let left: Conversation
    private let right: Conversation
    private let style: Style

    private static let width = 38

    public init(_ left: Conversation, _ right: Conversation, style: Style = .plain) {
        self.left = left
        self.right = right
        self.style = style
    }

    /// The lines.
    public var lines: [String] {
        let heads = [left, right].map { cut($0.commandLine, Self.width - 10) }
        let heading = "  \(padded("  yours: \(heads[0])"))    ours: \(heads[1])"
        let pairs = Self.aligned(left.entries, right.entries)
        return [style.bold(heading)] + pairs.map(line) + [style.dim("▶ sends, ◀ takes, … waits on")]
    }

    private func line(_ left: Entry?, _ right: Entry?) -> String {
        switch (left, right) {
        case (let left?, let right?):
            return "  \(padded(left.text))  \(right.text)"
        case (let left?, nil): return style.red("- \(left.text)")
        case (nil, let right?): return style.green("+ \(padded(""))  \(right.text)")
        case (nil, nil): return ""
        }
    }

    private func padded(_ text: String) -> String { text + blank(Self.width - text.count) }

    // MARK: - Alignment

    /// A call in a column.
    struct Entry {
        let text: String
        /// Calls with the same key stand in one line.
        let key: String
    }

    private static func aligned(_ left: [Entry], _ right: [Entry]) -> [(Entry?, Entry?)] {
        let changes = right.map(\.key).difference(from: left.map(\.key))
        var lonely: (left: Set<Int>, right: Set<Int>) = ([], [])
        for change in changes {
            switch change {
            case .remove(let offset, _, _): lonely.left.insert(offset)
            case .insert(let offset, _, _): lonely.right.insert(offset)
            }
        }
        var pairs: [(Entry?, Entry?)] = []
        var (i, j) = (0, 0)
        while i < left.count || j < right.count {
            if lonely.left.contains(i) {
                pairs.append((left[i], nil))
                i += 1
            } else if lonely.right.contains(j) {
                pairs.append((nil, right[j]))
                j += 1
            } else {
                pairs.append((left[i], right[j]))
                (i, j) = (i + 1, j + 1)
            }
        }
        return pairs
    }
}

extension Conversation {
    /// Its calls, each with a mark for what it moved.
    fileprivate var entries: [ComparisonDrawing.Entry] {
        var entries = calls.map { call in
            let mark = call.ended == nil ? "… " : call.takes ? "◀ " : call.sends ? "▶ " : "  "
            let outcome = call.hasFailed ? "\(call.errno ?? -1)" : call.result == 0 ? "none" : "some"
            let key = "\(call.family) \(call.ended == nil ? "waits" : outcome)"
            return ComparisonDrawing.Entry(text: mark + CallText(call).whole(limit: 36), key: key)
        }
        if let end { entries.append(.init(text: "  \(end.text)", key: end.text)) }
        return entries
    }
}

extension Call {
    fileprivate var takes: Bool { [.recv, .accept].contains(family) && !hasFailed }
    fileprivate var sends: Bool { [.send, .shutdown, .connect].contains(family) && !hasFailed }
}
