import Foundation

/// What processor time threads have used, and what they have waited for while others used it: the first two
/// fields of /proc/PID/task/TID/schedstat.
public struct ProcessorUse: Sendable, Hashable {
    public var running: Duration
    /// Ready to run, but not running. A program that spins has this too, on a machine that is busy.
    public var queued: Duration
}

extension RunningProgram {
    /// What all threads of the program and its descendants have used, those not counted that have ended.
    /// Zero where there is no schedstat (macOS, some kernels).
    public func processorUse() -> ProcessorUse {
        threads().values.reduce(into: ProcessorUse(running: .zero, queued: .zero)) { sum, thread in
            sum.running += thread.use.running
            sum.queued += thread.use.queued
        }
    }

    /// Whether the program waits, rather than burning processor time: true as soon as one of three windows
    /// shows it running, or wanting to run, for less than half of the time. A program that has ended is idle.
    public func isIdle(over window: Duration = .milliseconds(30)) -> Bool {
        (1...3).contains { _ in
            let (start, before) = (ContinuousClock.now, threads())
            waitUntilOver(until: start + window)
            let (after, time) = (threads(), ContinuousClock.now - start)
            // One that has just gone waits for nothing: soon it is known to have ended.
            if after.isEmpty && !before.isEmpty { return observed.isOver }
            let busy = after.reduce(Duration.zero) { $0 + $1.value.busy(since: before[$1.key], for: time) }
            return busy * 2 < time
        }
    }

    private func threads() -> [pid_t: ThreadSample] {
        var samples: [pid_t: ThreadSample] = [:]
        for process in processes() {
            let tasks = "/proc/\(process.identifier)/task"
            for thread in entries(of: tasks).compactMap({ pid_t($0) }) {
                samples[thread] = ThreadSample(thread, in: "\(tasks)/\(thread)")
            }
        }
        return samples
    }
}

/// A thread at a moment.
private struct ThreadSample {
    let use: ProcessorUse
    let isReady: Bool

    init?(_ thread: pid_t, in folder: String) {
        guard let state = ProcessState(thread, in: folder), let text = contents(of: "\(folder)/schedstat")
        else { return nil }
        let fields = String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { Int64($0) }
        guard fields.count > 1 else { return nil }
        use = ProcessorUse(running: .nanoseconds(fields[0]), queued: .nanoseconds(fields[1]))
        isReady = state.state == "R"
    }

    /// How much of the `time` since `earlier` the thread ran, or wanted to, at most.
    func busy(since earlier: ThreadSample?, for time: Duration) -> Duration {
        // While a thread is queued its counters stand still: the kernel adds the wait once it runs. Since when
        // it has been, nobody tells.
        if isReady { return time }
        let before = earlier?.use ?? ProcessorUse(running: .zero, queued: .zero)
        return use.running - before.running + use.queued - before.queued
    }
}

extension RunningProgram {
    /// How many bytes the program and its descendants have read by read(2) and its like, those not counted that
    /// have ended: `rchar` of /proc/PID/io. Of sockets too, but not what came by recv(2). 0 where there is none
    /// (macOS).
    public func countOfBytesRead() -> Int {
        processes().reduce(0) { sum, process in
            guard let text = contents(of: "/proc/\(process.identifier)/io") else { return sum }
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            let count = lines.first { $0.hasPrefix("rchar: ") }.flatMap { Int($0.dropFirst(7)) }
            return sum + (count ?? 0)
        }
    }
}
