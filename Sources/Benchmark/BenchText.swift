import LoadGeneration
import Results

/// What a bench has measured, for a terminal 80 columns wide: a table, and bars.
public struct BenchText {
    private let report: BenchReport
    private let style: Style

    private enum Width {
        static let name = 18
        static let value = 9
        static let ratio = 6
        /// Of a bar's name, and of the bar.
        static let indented = 20
        static let bar = 40
    }

    public init(_ report: BenchReport, style: Style = .plain) {
        self.report = report
        self.style = style
    }

    /// The lines.
    public var lines: [String] {
        report.tables.flatMap(table) + report.charts.flatMap(chart) + [legend]
    }

    private var legend: String {
        let reference = report.servers.first?.name ?? ""
        return style.dim("behind each figure: its ratio to \(reference)'s; lines of 64 bytes")
    }

    // MARK: - The table

    private func table(_ table: BenchReport.Table) -> [String] {
        let width = Width.value + Width.ratio
        let headings = table.columns.map { leftPadded($0.heading, width) }.joined()
        let rows = report.servers.enumerated().map { index, server in
            rightPadded(server.name, Width.name) + row(of: server, table, isReference: index == 0)
        }
        return [style.bold(rightPadded(table.title, Width.name) + headings)] + rows + [""]
    }

    private func row(
        of server: BenchReport.Server,
        _ table: BenchReport.Table,
        isReference: Bool
    ) -> String {
        if let load = table.load, let trouble = server.measurement(load)?.trouble {
            return "  " + style.yellow(cut(trouble, 80 - Width.name - 2))
        }
        return table.columns.map { column in
            cell(column, of: server, isReference: isReference)
        }.joined()
    }

    private func cell(_ column: BenchReport.Column, of server: BenchReport.Server, isReference: Bool)
        -> String
    {
        guard let figure = report.figure(column.quantity, of: server, under: column.load) else {
            return leftPadded("-", Width.value) + leftPadded("", Width.ratio)
        }
        let ratio = isReference ? "" : figure.ratioText
        return leftPadded(column.quantity.text(figure.value), Width.value)
            + style.dim(leftPadded(ratio, Width.ratio))
    }

    // MARK: - Bars

    private func chart(_ chart: BenchReport.Column) -> [String] {
        let figures = report.servers.map { report.figure(chart.quantity, of: $0, under: chart.load) }
        let largest = figures.compactMap { $0?.value }.max() ?? 0
        if largest == 0 { return [] }
        let bars = zip(report.servers, figures).enumerated().map { index, entry in
            let (server, figure) = entry
            guard let figure else {
                let reason = server.measurement(chart.load)?.trouble ?? "not known"
                return rightPadded("  " + server.name, Width.indented)
                    + style.dim(cut(reason, 80 - Width.indented))
            }
            let bar = rightPadded(Self.bar(figure.value / largest, width: Width.bar), Width.bar)
            let painted = index == 0 ? bar : style.cyan(bar)
            return rightPadded("  " + server.name, Width.indented) + painted
                + leftPadded(chart.quantity.text(figure.value), 12)
        }
        return [style.bold(chart.title)] + bars + [""]
    }

    /// Blocks of a length between 0 and 1, to the eighth of a column.
    private static func bar(_ length: Double, width: Int) -> String {
        let eighths = Int((length * Double(width * 8)).rounded())
        let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        let bar = String(repeating: "█", count: eighths / 8) + rest
        return bar.isEmpty ? "▏" : bar
    }

    // MARK: - Columns

    private func leftPadded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func rightPadded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func cut(_ text: String, _ limit: Int) -> String {
        text.count <= limit ? text : text.prefix(limit - 1) + "…"
    }
}
