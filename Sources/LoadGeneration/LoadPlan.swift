/// What clients do to an echo server while it is measured.
public enum Load: Codable, Hashable, Sendable {
    /// So many clients at once. Each sends a line, waits for its echo, and sends the next: a closed loop.
    case requests(clients: Int)
    /// One client that sends without end, and takes what comes back at the same time.
    case stream
    /// One client after the other: connect, a line and its echo, close.
    case connections
}

/// One measurement: which server, how, and for how long.
public struct LoadPlan: Codable, Hashable, Sendable {
    /// `127.0.0.1:7007`
    public var server: String
    public var load: Load
    /// How long to count, in seconds. Before, a quarter of it passes without being counted.
    public var seconds: Double
    /// Whether the server has to send every ASCII letter back as a capital, in place of every byte as it is.
    public var expectsCapitals = false
    /// How long nothing at all may happen, in seconds, before the server is said not to answer. Until each client has
    /// been answered once, or for the last time, no more than five times as long may pass.
    public var patience = 2.0

    public init(server: String, load: Load, seconds: Double) {
        self.server = server
        self.load = load
        self.seconds = seconds
    }
}
