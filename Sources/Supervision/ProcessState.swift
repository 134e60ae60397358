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
        let descendants = (descendants(of: household.warden) ?? allDescendants(of: household.warden))
            .compactMap { ProcessState($0, in: "/proc/\($0)") }
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

/// Those that descend from a process, from the lists of children that the kernel keeps for each thread. Nil
/// where it shows none (it is built without CONFIG_PROC_CHILDREN), or a process ends meanwhile.
private func descendants(of process: pid_t) -> [pid_t]? {
    let tasks = "/proc/\(process)/task"
    var found: [pid_t] = []
    for thread in entries(of: tasks).compactMap({ pid_t($0) }) {
        guard let list = contents(of: "\(tasks)/\(thread)/children") else { return nil }
        for child in list.split(separator: UInt8(ascii: " ")) {
            guard let child = pid_t(String(decoding: child, as: UTF8.self)),
                let theirs = descendants(of: child)
            else { return nil }
            found += [child] + theirs
        }
    }
    return found
}

/// The same from everybody's parent: that takes the longer the more processes a machine has.
private func allDescendants(of process: pid_t) -> [pid_t] {
    var parents: [pid_t: pid_t] = [:]
    for process in entries(of: "/proc").compactMap({ pid_t($0) }) {
        parents[process] = ProcessState(process, in: "/proc/\(process)")?.parent
    }
    func descends(_ other: pid_t) -> Bool {
        guard let parent = parents[other] else { return false }
        return parent == process || descends(parent)
    }
    return parents.keys.filter(descends).sorted()
}
