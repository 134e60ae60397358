import Results

/// A conversation as a picture for a page, 800 pixels wide: the same rows as ``TextDrawing`` has.
///
/// It stands alone: its style is in it, and follows the reader's preference for light or dark. Each call has
/// its full text as a title, which browsers show under the pointer.
public struct SVGDrawing {
    private let conversation: Conversation
    private let rows: [Row]

    private enum Place {
        static let width = 800
        static let time = 58
        static let label = 74
        /// Two lifelines.
        static let program = 450
        static let peer = 622
        static let top = 78
        static let row = 24
        /// Of a character.
        static let character = 7.25
        /// How many characters of a label are shown.
        static let longest = 48
        static let longestOfPeer = 22
    }

    /// - Parameter limit: how many rows to draw; of more, those in the middle are left out.
    public init(_ conversation: Conversation, limit: Int = 200) {
        self.conversation = conversation
        rows = Timeline(conversation, limit: limit).rows
    }

    /// The SVG document.
    public var text: String {
        let bottom = Place.top + rows.count * Place.row
        let notes = conversation.remarks.map { cut($0, 104) } + [legend]
        let height = bottom + 24 + notes.count * 18
        var elements = heading + lifelines(to: bottom) + bars
        for (index, row) in rows.enumerated() {
            elements += draw(row, at: Place.top + index * Place.row)
        }
        for (index, note) in notes.enumerated() {
            elements.append(SVG.text("faint", 16, bottom + 26 + index * 18, note))
        }
        return SVG.document(
            width: Place.width,
            height: height,
            title: "\(conversation.commandLine) and \(conversation.peer)",
            style: Self.style,
            elements
        )
    }

    private var legend: String {
        "ms since the first call; a bar is a call that waits; ACKs of data are not drawn"
    }

    private static let style = """
        .time { fill: var(--faint); text-anchor: end }
        .life { stroke: var(--line); stroke-width: 2 } .leader { stroke: var(--line); stroke-dasharray: 1 4 }
        .bar { fill: var(--wait); stroke: var(--edge) }
        .data { stroke: var(--data); fill: var(--data) } .control { stroke: var(--control); fill: var(--control) }
        .reset { stroke: var(--error); fill: var(--error) }
        .on { text-anchor: middle; stroke: none }
        """

    // MARK: - What stands still

    private var heading: [String] {
        [
            SVG.text("head", Place.label, 32, cut(conversation.commandLine, Place.longest)),
            SVG.text("head", Place.peer + 14, 32, conversation.peer),
            "<text class=\"time\" x=\"\(Place.time)\" y=\"32\">ms</text>",
        ]
    }

    private func lifelines(to bottom: Int) -> [String] {
        [Place.program, Place.peer].map { x in
            "<line class=\"life\" x1=\"\(x)\" y1=\"\(Place.top - 34)\" x2=\"\(x)\" y2=\"\(bottom)\"/>"
        }
    }

    /// The calls that wait, on the program's lifeline.
    private var bars: [String] {
        var drawn: [String] = []
        for column in 0..<(rows.map(\.bars.count).max() ?? 0) {
            var first = 0
            for (index, row) in rows.enumerated() where row.bars.indices.contains(column) {
                if row.bars[column] == .begins { first = index }
                guard row.bars[column] == .ends else { continue }
                let top = Place.top + first * Place.row - 8
                let height = (index - first) * Place.row + 8
                let x = Place.program - 5 - column * 12
                drawn.append(SVG.rectangle("bar", x, top, 10, height, radius: 3))
            }
        }
        return drawn
    }

    // MARK: - A row

    private func draw(_ row: Row, at y: Int) -> [String] {
        if let notice = row.notice { return [SVG.text("error", Place.label, y, "⋮ \(notice)")] }
        var parts: [String] = []
        if let time = row.time {
            parts.append("<text class=\"time\" x=\"\(Place.time)\" y=\"\(y)\">\(milliseconds(time))</text>")
        }
        if let program = row.program { parts.append(draw(program, Place.label, y, Place.longest)) }
        if let segment = row.segment {
            if let program = row.program { parts.append(leader(from: program, at: y - 4)) }
            parts.append(draw(segment, at: y - 4))
        }
        if let peer = row.peer { parts.append(draw(peer, Place.peer + 14, y, Place.longestOfPeer)) }
        return parts
    }

    private func draw(_ row: Row.Label, _ x: Int, _ y: Int, _ limit: Int) -> String {
        let kind = row.isFailure ? "error" : row.isFaint ? "faint" : "call"
        return SVG.text(kind, x, y, row.text(limit), title: row.full)
    }

    /// Leads from a call to what it has to do with.
    private func leader(from label: Row.Label, at y: Int) -> String {
        let end = Place.label + Int(Double(label.text(Place.longest).count + 1) * Place.character)
        return "<line class=\"leader\" x1=\"\(end)\" y1=\"\(y)\" x2=\"\(Place.program - 10)\" y2=\"\(y)\"/>"
    }

    private func draw(_ segment: Segment, at y: Int) -> String {
        let kind =
            switch segment.kind {
            case .data: "data"
            case .rst: "reset"
            case .syn, .synAck, .ack, .fin: "control"
            }
        let (from, to, head) =
            segment.direction == .toPeer
            ? (Place.program + 7, Place.peer - 3, -9) : (Place.peer - 3, Place.program + 7, 9)
        let middle = (Place.program + Place.peer) / 2
        let text = segment.label(limit: 17)
        let room = Int(Double(text.count + 2) * Place.character)
        return """
            <g class="\(kind)"><line x1="\(from)" y1="\(y)" x2="\(to + head)" y2="\(y)" stroke-width="1.5"/>\
            <path stroke="none" d="M\(to) \(y)l\(head) -4v8z"/>\
            \(SVG.rectangle("page", middle - room / 2, y - 8, room, 16, radius: 0))\
            <text class="\(kind) on" x="\(middle)" y="\(y + 4)">\(XML.escaped(text))<title>\(XML.escaped(segment.full))</title></text></g>
            """
    }
}
