import LoadGeneration

/// What a bench has measured: the object that `lab bench --format json` prints.
public struct BenchReport: Codable, Hashable, Sendable {
    public let kit: String
    public let version: Int
    /// How long each measurement took.
    public let seconds: Double
    /// The first is the reference.
    public let servers: [Server]

    /// One server.
    public struct Server: Codable, Hashable, Sendable {
        /// The program: `poll-server`.
        public let name: String
        public let measurements: [Measurement]
        /// Over all measurements, in bytes; nil where it is not known.
        public let peakMemory: Figure?
    }

    /// One server under one load.
    public struct Measurement: Codable, Hashable, Sendable {
        public let load: Kind
        /// Of requests, how many at once.
        public let clients: Int?
        /// Empty where there was trouble.
        public let figures: [Quantity: Figure]
        /// Why there are no figures; nil where there are.
        public let trouble: String?
        /// Whether the trouble is a mistake of the server, rather than what it is not made for.
        public let isMistake: Bool
    }

    /// As ``Load``.
    public enum Kind: String, Codable, Hashable, Sendable {
        case requests, stream, connections
    }

    /// A value, and how it compares.
    public struct Figure: Codable, Hashable, Sendable {
        public let value: Double
        /// To the reference's; nil where the reference has none, or, of memory, where the server did not bear all
        /// loads. The reference's own is 1.
        public let ratio: Double?
    }

    public init(seconds: Double, servers: [Server]) {
        kit = "socket-lab"
        version = 1
        self.seconds = seconds
        self.servers = servers
    }

    /// The figure of a server; nil where there is none.
    func figure(_ quantity: Quantity, of server: Server, under load: Load) -> Figure? {
        quantity == .peakMemory ? server.peakMemory : server.measurement(load)?.figures[quantity]
    }

    /// Whether something is wrong with a server.
    public var hasMistakes: Bool {
        servers.contains { $0.measurements.contains(where: \.isMistake) }
    }
}

/// What is measured. Times are in seconds.
public enum Quantity: String, Codable, CodingKeyRepresentable, Hashable, Sendable {
    case requestsPerSecond, medianLatency, percentile99Latency, largestLatency
    /// Of the server, its share of the kernel's work included.
    case processorTimePerRequest
    case bytesPerSecond
    case connectionsPerSecond
    /// In bytes.
    case peakMemory
}

extension BenchReport.Server {
    func measurement(_ load: Load) -> BenchReport.Measurement? {
        measurements.first { $0.load == load.kind && $0.clients == load.clients }
    }
}

extension Load {
    var kind: BenchReport.Kind {
        switch self {
        case .requests: .requests
        case .stream: .stream
        case .connections: .connections
        }
    }

    var clients: Int? {
        if case .requests(let clients) = self { clients } else { nil }
    }
}

// MARK: - From what was counted

extension BenchReport {
    /// - Parameter tallies: of each contestant, one for each load.
    init(seconds: Double, _ contestants: [Contestant], _ loads: [Load], _ tallies: [[Tally]]) {
        let memories = tallies.map { $0.compactMap(\.memory).max().map(Double.init) }
        let values = tallies.map { zip(loads, $0).map { $1.values(under: $0) } }
        self.init(
            seconds: seconds,
            servers: contestants.indices.map { index in
                Server(
                    name: contestants[index].name,
                    measurements: loads.indices.map { place in
                        let tally = tallies[index][place]
                        return Measurement(
                            load: loads[place].kind,
                            clients: loads[place].clients,
                            figures: values[index][place].reduce(into: [:]) { figures, entry in
                                figures[entry.key] = Figure(entry.value, to: values[0][place][entry.key])
                            },
                            trouble: tally.trouble,
                            isMistake: tally.isMistake
                        )
                    },
                    // One that was spared some of the loads is not to look smaller for it.
                    peakMemory: memories[index].map { memory in
                        let hadAll = tallies[index].allSatisfy { $0.trouble == nil }
                        return Figure(memory, to: hadAll ? memories[0] : nil)
                    }
                )
            }
        )
    }
}

extension BenchReport.Figure {
    init(_ value: Double, to reference: Double?) {
        self.value = value
        ratio = reference.flatMap { $0 > 0 ? value / $0 : nil }
    }
}

extension Tally {
    fileprivate func values(under load: Load) -> [Quantity: Double] {
        if trouble != nil || figures.count == 0 { return [:] }
        switch load {
        case .stream: return [.bytesPerSecond: figures.rate]
        case .connections: return [.connectionsPerSecond: figures.rate].merging(latencies) { $1 }
        case .requests:
            var values = latencies
            values[.requestsPerSecond] = figures.rate
            values[.processorTimePerRequest] = processorTime.map {
                $0 / .seconds(1) / Double(max(1, figures.total))
            }
            return values
        }
    }

    private var latencies: [Quantity: Double] {
        [
            .medianLatency: Double(figures.latencies.percentile(0.5)) / 1e9,
            .percentile99Latency: Double(figures.latencies.percentile(0.99)) / 1e9,
            .largestLatency: Double(figures.latencies.largest) / 1e9,
        ]
    }
}
