import Foundation

extension RunningProgram {
    /// How much memory it takes to run the program, in bytes: the most that it has had itself, and what each of
    /// its descendants has now for itself alone. What a child shares with its parent since fork(2) counts once.
    ///
    /// VmHWM of /proc/PID/status and the private pages of /proc/PID/smaps_rollup, as proc_pid_status(5) and
    /// proc_pid_smaps(5) describe them. Nil where there is no /proc (macOS), or the program has ended.
    public func memory() -> Int? {
        let processes = processes()
        guard processes.first?.identifier == processIdentifier,
            let own = kilobytes(of: ["VmHWM:"], in: "/proc/\(processIdentifier)/status")
        else { return nil }
        let privatePages: Set<Substring> = ["Private_Clean:", "Private_Dirty:"]
        return processes.dropFirst().reduce(own) { sum, process in
            // Of one that has just ended there is nothing.
            sum + (kilobytes(of: privatePages, in: "/proc/\(process.identifier)/smaps_rollup") ?? 0)
        }
    }
}

/// The sum of the lines `NAME: NUMBER kB`, in bytes; nil where there is none of them.
private func kilobytes(of names: Set<Substring>, in path: String) -> Int? {
    guard let text = contents(of: path) else { return nil }
    let values = String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line -> Int? in
        let words = line.split(separator: " ", omittingEmptySubsequences: true)
            .flatMap { $0.split(separator: "\t") }
        return words.count > 1 && names.contains(words[0]) ? Int(words[1]) : nil
    }
    return values.isEmpty ? nil : values.reduce(0, +) * 1024
}
