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
        let legend = style.dim("▶ sends, ◀ takes, … waits on")
        let (yours, ours) = (left.entries, right.entries)
        if yours.map(\.withoutPorts) == ours.map(\.withoutPorts) {
            return [style.bold("Both make the same calls.")] + yours.map { "  " + $0.full } + [legend]
        }
        return [style.bold(heading)] + aligned(yours, ours, by: \.key).map(line) + [legend]
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

    /// A call in a column.
    struct Entry {
        let text: String
        /// In a column that has the page to itself.
        let full: String
        /// Calls with the same key stand in one line.
        let key: String
        /// All of it, but for what differs from run to run.
        let withoutPorts: String
    }
}

extension Conversation {
    /// Its calls, each with a mark for what it moved, where it has done what it does: what was sent comes
    /// before what was received because of it.
    fileprivate var entries: [ComparisonDrawing.Entry] {
        let order = calls.enumerated().sorted {
            ($0.element.takesEffect, $0.offset) < ($1.element.takesEffect, $1.offset)
        }
        var entries = order.map { _, call in
            let mark = call.ended == nil ? "… " : call.takes ? "◀ " : call.sends ? "▶ " : "  "
            let outcome = call.hasFailed ? "\(call.errno ?? -1)" : call.result == 0 ? "none" : "some"
            let key = "\(call.family) \(call.ended == nil ? "waits" : outcome)"
            let text = CallText(call)
            return ComparisonDrawing.Entry(
                text: mark + text.whole(limit: 36),
                full: mark + text.whole(limit: 76),
                key: key,
                withoutPorts: mark + CallText(call.withoutPorts).whole
            )
        }
        if let end {
            let text = "  \(end.text)"
            entries.append(.init(text: text, full: text, key: end.text, withoutPorts: end.text))
        }
        return entries
    }
}

extension Call {
    /// When what it does has happened, as seen from outside. A call that sends is at work before it returns.
    fileprivate var takesEffect: UInt64 {
        guard let ended else { return .max }
        return family == .send ? began : ended
    }

    /// Without the ports that the kernel chooses, which are others in each run.
    fileprivate var withoutPorts: Call {
        var call = self
        let isLookup = family == .getaddrinfo && arguments.count > 1
        call.arguments = arguments.map { $0.replacing(/:[0-9]+$/, with: "") }
        if isLookup { call.arguments[1] = "" }
        return call
    }

    fileprivate var takes: Bool { [.recv, .accept].contains(family) && !hasFailed }
    fileprivate var sends: Bool { [.send, .shutdown, .connect].contains(family) && !hasFailed }
}
