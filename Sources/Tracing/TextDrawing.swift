import Results

/// A conversation for a terminal, 80 columns wide: the program's calls on the left, its peers' on the right,
/// what goes between them in the middle, time down the page.
public struct TextDrawing {
    private let conversation: Conversation
    private let style: Style
    private let rows: [Row]
    /// The columns for calls that wait.
    private let bars: Int

    /// Time, program, lifeline, segment, lifeline, space, peer: 7 + 37 + 1 + 15 + 1 + 1 + 18 columns.
    private enum Width {
        static let time = 6
        static let program = 37
        static let segment = 15
        static let peer = 18
    }

    /// - Parameter limit: how many rows to draw; of more, those in the middle are left out.
    public init(_ conversation: Conversation, style: Style = .plain, limit: Int = 200) {
        self.conversation = conversation
        self.style = style
        rows = Timeline(conversation, limit: limit).rows
        bars = rows.map(\.bars.count).max() ?? 0
    }

    /// The lines.
    public var lines: [String] {
        [heading] + rows.map(line) + [""] + conversation.remarks.map { cut($0, 80) } + [style.dim(legend)]
    }

    private var heading: String {
        let program = cut(conversation.commandLine, Width.program - bars)
        let left = style.bold(program) + blank(Width.program - program.count)
        return style.dim("    ms ") + left + blank(Width.segment + 3) + style.bold(conversation.peer) + "\n"
    }

    private var legend: String {
        let waiting = bars > 0 ? "; ┌ │ └ a call that waits" : ""
        return "ms since the first call\(waiting); ACKs of data are not drawn"
    }

    // MARK: - A row

    private func line(_ row: Row) -> String {
        if let notice = row.notice { return style.yellow(blank(Width.time + 1) + "⋮ " + notice) }
        let gutter = row.bars.map(Self.mark).joined() + (bars > 0 ? " " : "")
        let room = row.segment == nil ? Row.longest : Width.program - gutter.count - 1
        let text = row.program?.text(room) ?? ""
        let used = gutter.count + text.count
        // A long call that has the row to itself goes over the lifeline.
        let isLong = used >= Width.program && row.segment == nil
        let rest = isLong ? "" : blank(Width.program - used) + style.dim("│")
        let drawn = isLong ? used : Width.program + 1
        let middle = row.segment.map(arrow) ?? blank(Width.program + 1 + Width.segment - drawn)
        let peer = row.peer.map { " " + painted($0.text(Width.peer), $0) } ?? ""
        return style.dim(time(row)) + " " + style.cyan(gutter) + painted(text, row.program) + rest + middle
            + style.dim("│") + peer
    }

    private func painted(_ text: String, _ label: Row.Label?) -> String {
        guard let label else { return text }
        return label.isFailure ? style.red(text) : label.isFaint ? style.dim(text) : text
    }

    private static func mark(_ bar: Row.Bar) -> String {
        switch bar {
        case .none: " "
        case .begins: "┌"
        case .goesOn: "│"
        case .ends: "└"
        }
    }

    private func time(_ row: Row) -> String {
        guard let time = row.time else { return blank(Width.time) }
        let text = milliseconds(time)
        return blank(Width.time - text.count) + text
    }

    /// `── 6 bytes ──▶`
    private func arrow(_ segment: Segment) -> String {
        let label = segment.label(limit: Width.segment - 3)
        let dashes = Width.segment - 3 - label.count
        let (before, after) = (dashes / 2, dashes - dashes / 2)
        let text =
            switch segment.direction {
            case .toPeer: dash(before) + " \(label) " + dash(after) + "▶"
            case .toProgram: "◀" + dash(before) + " \(label) " + dash(after)
            }
        switch segment.kind {
        case .rst: return style.red(text)
        case .data: return style.green(text)
        case .syn, .synAck, .ack, .fin: return style.yellow(text)
        }
    }

    private func dash(_ count: Int) -> String { String(repeating: "─", count: count) }
}

func blank(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

/// As people read it: `0.04`, `12.50`, `1204.1`.
func milliseconds(_ nanoseconds: UInt64) -> String {
    let hundredths = (nanoseconds + 5000) / 10_000
    if hundredths >= 100_000 { return "\(hundredths / 100).\(hundredths / 10 % 10)" }
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}
