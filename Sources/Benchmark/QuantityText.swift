import LoadGeneration
import ReferenceEcho

extension Quantity {
    /// What it is called in a heading.
    var title: String {
        switch self {
        case .requestsPerSecond: "requests/s"
        case .medianLatency: "median"
        case .percentile99Latency: "99th"
        case .largestLatency: "largest"
        case .processorTimePerRequest: "processor/req"
        case .bytesPerSecond: "stream"
        case .connectionsPerSecond: "clients/s"
        case .peakMemory: "memory"
        }
    }

    /// A value of it, with its unit, in three digits or so: `61,234`, `15.9 µs`, `2.31 GB/s`.
    func text(_ value: Double) -> String {
        switch self {
        case .requestsPerSecond, .connectionsPerSecond:
            value < 10 ? Self.digits(value) : grouped(Int(value.rounded()))
        case .medianLatency, .percentile99Latency, .largestLatency, .processorTimePerRequest:
            Self.scaled(value * 1e6, by: 1000, ["µs", "ms", "s"])
        case .bytesPerSecond: Self.scaled(value / 1e6, by: 1000, ["MB/s", "GB/s"])
        case .peakMemory: Self.scaled(value / Double(1 << 20), by: 1024, ["MiB", "GiB"])
        }
    }

    private static func scaled(_ value: Double, by step: Double, _ units: [String]) -> String {
        var (value, units) = (value, units[...])
        while value >= 999.5 && units.count > 1 { (value, units) = (value / step, units.dropFirst()) }
        return "\(digits(value)) \(units.first ?? "")"
    }

    /// At least three digits.
    fileprivate static func digits(_ value: Double) -> String {
        if value >= 99.95 { return grouped(Int(value.rounded())) }
        let places = value >= 9.995 ? 1 : 2
        let scale = places == 1 ? 10 : 100
        let whole = Int((value * Double(scale)).rounded())
        let rest = String(whole % scale)
        return "\(whole / scale)." + String(repeating: "0", count: places - rest.count) + rest
    }
}

extension BenchReport.Figure {
    /// The ratio in three digits: `0.98`, `12.3`, `410`; empty where there is none.
    var ratioText: String { ratio.map(Quantity.digits) ?? "" }
}
