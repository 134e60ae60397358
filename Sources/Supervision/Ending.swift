import Foundation

/// How a program ended.
public enum Ending: Sendable, Hashable {
    /// With this status.
    case exited(Int32)
    /// By this signal.
    case signalled(Int32)
    /// It was ended because it went above a limit.
    case limit(Limit)

    /// The limits above which a program is ended, each as in ``Limits``.
    public enum Limit: String, Sendable, Hashable {
        case wall, processorTime, memory, processes, fileSize, output
    }

    /// The exit status, of a program that exited.
    public var status: Int32? {
        if case .exited(let status) = self { status } else { nil }
    }
}

/// What a program had used when it ended.
public struct Usage: Sendable, Hashable {
    /// Its own and that of those of its descendants which had ended.
    public var processorTime: Duration
    /// The most bytes in memory that were seen, its descendants' included.
    public var peakMemory: Int
    /// How many processes it had started that were still running.
    public var descendantsLeft: Int
}

/// How a program is made to end: a signal, a time to follow it, then SIGKILL.
public struct Teardown: Sendable {
    /// What the program and all its descendants are sent first.
    public var signal: Int32
    /// How long the program has to end by itself.
    public var grace: Duration

    /// - Parameter grace: stretches on a busy machine, as every `Deadline` does.
    public init(signal: Int32 = SIGTERM, grace: Duration) {
        self.signal = signal
        self.grace = grace
    }

    /// SIGKILL at once.
    public static let kill = Teardown(signal: SIGKILL, grace: .zero)
}
