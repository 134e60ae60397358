import LoadGeneration
import Results

/// What a bench has measured, as a picture for a page, 800 pixels wide: a panel of bars for each figure.
public struct BenchDrawing {
    private let report: BenchReport

    private enum Place {
        static let width = 800
        static let top = 84
        /// Of a panel, of which two stand side by side.
        static let panel = 364
        static let left = [24, 412]
        static let heading = 26
        static let row = 36
        static let gap = 18
        /// Room for a ratio, at the end of a row.
        static let ratio = 50
    }

    public init(_ report: BenchReport) {
        self.report = report
    }

    /// The SVG document.
    public var text: String {
        let panels = report.panels
        let height = Place.heading + report.servers.count * Place.row + Place.gap
        let drawn = panels.enumerated().flatMap { index, panel in
            draw(panel, Place.left[index % 2], Place.top + index / 2 * height)
        }
        return SVG.document(
            width: Place.width,
            height: Place.top + (panels.count + 1) / 2 * height,
            title: "Echo servers under load",
            style: Self.style,
            heading + drawn
        )
    }

    private var heading: [String] {
        let reference = report.servers.first?.name ?? ""
        return [
            SVG.text("head", 24, 32, "lab bench: servers beside \(reference)"),
            SVG.text(
                "faint",
                24,
                52,
                "lines of 64 bytes; at the end of each row: the ratio to \(reference)'s figure"
            ),
        ]
    }

    private static let style = """
        .value { text-anchor: end } .ratio { text-anchor: end; fill: var(--faint) }
        .trouble { text-anchor: end; fill: var(--control) }
        .reference { fill: var(--line); stroke: var(--faint) } .bar { fill: var(--wait); stroke: var(--edge) }
        .tail { stroke: var(--faint); stroke-width: 1.5 }
        """

    // MARK: - A panel

    private func draw(_ panel: BenchReport.Panel, _ x: Int, _ y: Int) -> [String] {
        func largest(_ quantity: Quantity) -> Double {
            report.servers.compactMap { report.figure(quantity, of: $0, under: panel.column.load)?.value }
                .max() ?? 0
        }
        let bars = largest(panel.column.quantity)
        // Where the lines are much longer than the bars, the bars are to be seen all the same.
        let scale = panel.tail.map { max(bars, min(largest($0), 4 * bars)) } ?? bars
        return [SVG.text("head", x, y, panel.title)]
            + report.servers.indices.flatMap { index in
                draw(index, of: panel, scale: scale, x, y + Place.heading + index * Place.row)
            }
    }

    private func draw(
        _ index: Int,
        of panel: BenchReport.Panel,
        scale: Double,
        _ x: Int,
        _ y: Int
    ) -> [String] {
        let (server, column) = (report.servers[index], panel.column)
        let right = x + Place.panel
        let name = SVG.text("name", x, y, server.name)
        guard let figure = report.figure(column.quantity, of: server, under: column.load) else {
            let reason = server.measurement(column.load)?.trouble ?? "not known"
            return [name, SVG.text("trouble", right, y, shortened(reason), title: reason)]
        }
        func length(_ value: Double) -> Int { Int(min(1, value / scale) * Double(Place.panel)) }
        let kind = index == 0 ? "reference" : "bar"
        var value = column.quantity.text(figure.value)
        var parts = [name]
        if let tail = panel.tail.flatMap({ report.figure($0, of: server, under: column.load) }) {
            value += ", 99th \(column.quantity.text(tail.value))"
            let ends = (x + length(figure.value), x + length(tail.value))
            parts.append(line(from: ends.0, to: ends.1, isWhole: tail.value <= scale, at: y + 11))
        }
        parts.append(SVG.rectangle(kind, x, y + 6, max(2, length(figure.value)), 10, radius: 2))
        parts.append(SVG.text("value", right - Place.ratio, y, value, title: panel.full(server)))
        if index > 0 { parts.append(SVG.text("ratio", right, y, figure.ratioText)) }
        return parts
    }

    /// A line with a small stroke at its end, where it ends there.
    private func line(from start: Int, to end: Int, isWhole: Bool, at y: Int) -> String {
        let stroke = isWhole ? "M\(end) \(y - 4)v8" : ""
        return "<path class=\"tail\" d=\"M\(start) \(y)H\(end)\(stroke)\"/>"
    }

    private func shortened(_ text: String) -> String {
        text.count <= 32 ? text : text.prefix(31) + "…"
    }
}

extension BenchReport {
    /// A figure of every server, as bars.
    struct Panel {
        let title: String
        let column: Column
        /// To which a line leads from the end of the bar.
        var tail: Quantity?

        /// All that is known of a server under this load.
        func full(_ server: Server) -> String {
            let figures = server.measurement(column.load)?.figures ?? [:]
            return figures.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { "\($0.key.title) \($0.key.text($0.value.value))" }.joined(separator: ", ")
        }
    }

    fileprivate var panels: [Panel] {
        let requests = loads.filter { $0.kind == .requests }.flatMap { load in
            let rate = Column(.requestsPerSecond, load)
            let latency = Column(.medianLatency, load)
            return [
                Panel(title: "\(load.name): requests a second", column: rate),
                Panel(title: "\(load.name): median latency", column: latency, tail: .percentile99Latency),
            ]
        }
        let processor = loads.filter { $0.kind == .requests }.dropFirst().first.map { load in
            Panel(
                title: "\(load.name): processor time a request",
                column: Column(.processorTimePerRequest, load)
            )
        }
        let others = charts.filter { $0.quantity != .requestsPerSecond }.map {
            Panel(title: $0.title, column: $0)
        }
        return requests + others + [processor].compactMap(\.self)
    }
}
