import Foundation

/// A process, as proc_pid_stat(5) shows it at a moment.
public struct ProcessState: Sendable, Hashable {
    public let identifier: pid_t
    public let parent: pid_t
    /// Of its first thread: `R` runs, `S` sleeps, `D` waits for a disk, `T` is stopped, `Z` has ended.
    public let state: Character
    public let threads: Int

    /// Whether it is a zombie: it has ended, and its parent has not waited for it. A process whose first
    /// thread alone has ended, by pthread_exit(3), has the state `Z` too, and goes on.
    public var isZombie: Bool { state == "Z" && threads < 2 }

    /// - Parameter folder: that of the process, or of one of its threads. Nil: it is gone.
    init?(_ identifier: pid_t, in folder: String) {
        guard let text = contents(of: "\(folder)/stat"),
            // The second field is a name in parentheses that may hold anything.
            let end = text.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = String(decoding: text[end...], as: UTF8.self).split(separator: " ")
        guard fields.count > 18, let state = fields[1].first, let parent = pid_t(fields[2]),
            let threads = Int(fields[18])
        else { return nil }
        (self.identifier, self.parent, self.state, self.threads) = (identifier, parent, state, threads)
    }
}

extension RunningProgram {
    /// The program and its descendants: first the program, while there is it. Empty where there is no /proc
    /// (macOS).
    public func processes() -> [ProcessState] {
        if observed.isOver { return [] }
        var states: [pid_t: ProcessState] = [:]
        for process in entries(of: "/proc").compactMap({ pid_t($0) }) {
            states[process] = ProcessState(process, in: "/proc/\(process)")
        }
        func isOurs(_ state: ProcessState) -> Bool {
            state.parent == household.warden || states[state.parent].map(isOurs) ?? false
        }
        let descendants = states.values.filter(isOurs).sorted { $0.identifier < $1.identifier }
        return descendants.filter { $0.identifier == processIdentifier }
            + descendants.filter { $0.identifier != processIdentifier }
    }

    /// Sends a signal to one of ``processes()``.
    ///
    /// - Returns: whether there was such a process.
    @discardableResult
    public func signal(_ number: Int32, process: pid_t) -> Bool {
        processes().contains { $0.identifier == process } && kill(process, number) == 0
    }
}
