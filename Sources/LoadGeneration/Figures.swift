/// What was counted in a measurement. Figures of several measurements under the same load add up.
public struct Figures: Codable, Hashable, Sendable {
    /// How many echoes came, connections were served, or bytes came back, in ``seconds``.
    public private(set) var count = 0
    public private(set) var seconds = 0.0
    /// In nanoseconds: from a line's send(2) until the last byte of its echo; of a connection, from its
    /// connect(2) until the server's end of file. Of a stream there are none. One thread serves all clients: with
    /// many, an echo waits for its turn here, too, and the time includes it.
    public private(set) var latencies = Histogram()
    /// The same as ``count``, with those included that came before and after it was counted.
    public private(set) var total = 0

    public init() {}

    /// How many a second.
    public var rate: Double { seconds > 0 ? Double(count) / seconds : 0 }

    public mutating func add(_ other: Figures) {
        count += other.count
        seconds += other.seconds
        latencies.add(other.latencies)
        total += other.total
    }

    mutating func note(_ amount: Int = 1, latency: UInt64? = nil) {
        count += amount
        total += amount
        if let latency { latencies.add(latency) }
    }

    /// Notes what came after the end: it tells how long it took, and nothing of the rate.
    mutating func noteLate(latency: UInt64) {
        total += 1
        latencies.add(latency)
    }

    /// Counting begins here: what came before was for warming up.
    mutating func restart() {
        count = 0
        latencies = Histogram()
    }

    mutating func end(after nanoseconds: UInt64) {
        seconds = Double(nanoseconds) / 1e9
    }
}

/// How a measurement ended.
public enum Outcome: Codable, Hashable, Sendable {
    case measured(Figures)
    case failed(Trouble)
}
