import LoadGeneration

/// What is shown of a report, and where: the same in a terminal and in a picture.
extension BenchReport {
    /// A figure of every server.
    struct Column {
        let heading: String
        /// The same in a whole phrase.
        let title: String
        let quantity: Quantity
        let load: Load

        init(_ quantity: Quantity, _ load: Load, heading: String? = nil, title: String = "") {
            self.quantity = quantity
            self.load = load
            self.heading = heading ?? quantity.title
            self.title = title
        }
    }

    /// Columns side by side.
    struct Table {
        let title: String
        /// The load of all columns; nil where they differ.
        let load: Load?
        let columns: [Column]
    }

    var loads: [Load] {
        servers.first?.measurements.map { measurement in
            switch measurement.load {
            case .requests: .requests(clients: measurement.clients ?? 1)
            case .stream: .stream
            case .connections: .connections
            }
        } ?? []
    }

    var tables: [Table] {
        let requests = loads.filter { $0.kind == .requests }.map { load in
            let quantities: [Quantity] = [
                .requestsPerSecond, .medianLatency, .percentile99Latency, .largestLatency,
            ]
            return Table(title: load.name, load: load, columns: quantities.map { Column($0, load) })
        }
        let busiest = loads.last { $0.kind == .requests } ?? .requests(clients: 1)
        let others = [
            Column(.bytesPerSecond, .stream, heading: "one stream"),
            Column(.connectionsPerSecond, .connections, heading: "connections/s"),
            Column(.peakMemory, busiest, heading: "peak memory"),
        ]
        let processor = loads.filter { $0.kind == .requests }.map { load in
            Column(.processorTimePerRequest, load, heading: load.name)
        }
        return requests + [
            Table(title: "processor/request", load: nil, columns: processor),
            Table(title: "", load: nil, columns: others),
        ]
    }

    /// Those of the figures that are drawn as bars.
    var charts: [Column] {
        let requests = loads.filter { $0.kind == .requests }.map { load in
            Column(.requestsPerSecond, load, title: "requests a second, \(load.name)")
        }
        return requests + [
            Column(.bytesPerSecond, .stream, title: "one long stream"),
            Column(.connectionsPerSecond, .connections, title: "connect, echo, close: clients a second"),
            Column(.peakMemory, loads.first ?? .stream, title: "peak memory"),
        ]
    }
}
