/// A limit on waiting which stretches with the machine: time in which more threads want to run than there are
/// processors counts for less, in the same proportion.
///
/// So a limit that is ample on an idle machine is as ample on a busy one, and no verdict depends on the load.
/// Whoever waits does it in slices, and charges each slice when it is over:
///
///     var deadline = Deadline(.seconds(3))
///     while !deadline.hasPassed {
///         poll(&descriptors, nfds_t(descriptors.count), deadline.slice)
///         deadline.charge()
///     }
public struct Deadline: Sendable {
    private var remaining: Duration
    private var lastCharge = ContinuousClock.now

    /// - Parameter allowance: the time that may pass on a machine with nothing else to do.
    public init(_ allowance: Duration) {
        remaining = allowance
    }

    public var hasPassed: Bool { remaining <= .zero }

    /// How long to wait before the next ``charge()``, in milliseconds, as poll(2) takes it.
    public var slice: Int32 {
        Int32(max(0, min(Self.longestSlice, remaining) / .milliseconds(1)).rounded(.up))
    }

    /// Takes what has passed since the last call off the allowance: at most a slice, since what is over that
    /// was no waiting of ours but the machine's, and less where the machine is crowded.
    public mutating func charge() {
        let now = ContinuousClock.now
        remaining -= min(now - lastCharge, Self.longestSlice) / Self.crowding()
        lastCharge = now
    }

    private static let longestSlice = Duration.milliseconds(50)

    /// How many threads there are to run for each processor, at least 1. From the fourth field of
    /// /proc/loadavg (proc_loadavg(5)), else from getloadavg(3).
    private static func crowding() -> Double {
        let processors = Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return max(1, (runnableNow() ?? oneMinuteLoad()) / processors)
    }

    private static func runnableNow() -> Double? {
        let file = open("/proc/loadavg", O_RDONLY | O_CLOEXEC)
        guard file != -1 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(file, &text, text.count)
        let fields = text.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
        guard fields.count > 3 else { return nil }
        return Double(String(decoding: fields[3].prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self))
    }

    private static func oneMinuteLoad() -> Double {
        var load = 0.0
        return getloadavg(&load, 1) == 1 ? load : 1
    }
}
