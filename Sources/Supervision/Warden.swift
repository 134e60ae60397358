import CSupervision
import Foundation

/// What there is once a program has started.
struct Household {
    let warden: pid_t
    let program: pid_t
    let folder: String

    /// Ends what can be found of it where somebody has killed the warden, whose work this is. The program
    /// ends with its warden (PR_SET_PDEATHSIG).
    func clear() {
        kill(-program, SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }
}

extension Launch {
    /// Starts a warden, and it the program: see CSupervision.
    func start(with pipes: inout Pipes) throws(LaunchError) -> Household {
        let folder = Self.scratchFolder()
        let warden = startWarden(with: pipes, folder)
        let code = errno
        pipes.closeTheirs()
        if warden == -1 { throw LaunchError(call: "fork", code: code, executable: executable) }
        let report = supervision_report.next(from: pipes.lifeline)
        if let report, report.event == SUPERVISION_STARTED.rawValue {
            return Household(warden: warden, program: report.process, folder: folder)
        }
        pipes.closeOurs()
        waitpid(warden, nil, 0)
        if let report {
            throw LaunchError(
                call: report.failedCall,
                code: report.status,
                executable: executable,
                folder: folder
            )
        }
        // Somebody has killed the warden at once. The program ends with it (PR_SET_PDEATHSIG).
        try? FileManager.default.removeItem(atPath: folder)
        throw LaunchError(call: "waitpid", code: ECHILD, executable: executable)
    }

    private func startWarden(with pipes: Pipes, _ folder: String) -> pid_t {
        var environment = environment
        environment["TMPDIR"] = environment["TMPDIR"] ?? folder
        return withCStrings([executable] + arguments) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                withCStrings([folder] + (library.map { [$0] } ?? [])) { paths in
                    var order = pipes.theirs
                    order.executable = UnsafePointer(arguments[0])
                    order.arguments = arguments
                    order.environment = environment
                    order.folder = UnsafePointer(paths[0])
                    // Without one this is the NULL at the end.
                    order.library = UnsafePointer(paths[1])
                    order.channel_number = channel ?? STDERR_FILENO
                    order.terminal = terminal
                    order.set(limits)
                    return supervision_launch(&order)
                }
            }
        }
    }

    /// A name that nobody has. In TMPDIR, which of a kit that itself runs under a warden is its own scratch
    /// folder: what is in it goes with it.
    private static func scratchFolder() -> String {
        let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        let parent = named.isEmpty ? "/tmp" : named
        return "\(parent)/socket-lab-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }
}

/// Runs `body` with an array as argv is: C strings, then NULL.
private func withCStrings<T>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> T
) -> T {
    let copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { preconditionFailure("no array with an element is empty") }
        return body(start)
    }
}

extension supervision_launch {
    fileprivate mutating func set(_ limits: Limits) {
        wall_nanoseconds = limits.wall.nanoseconds
        processor_nanoseconds = limits.processorTime.nanoseconds
        lingering_nanoseconds = limits.lingering.nanoseconds
        memory_bytes = Int64(limits.memory)
        file_bytes = Int64(limits.fileSize)
        processes = Int32(clamping: limits.processes)
        open_files = Int32(clamping: limits.openFiles)
    }
}

extension Duration {
    /// At most a hundred years.
    var nanoseconds: Int64 {
        Int64(min(components.seconds, 3_155_760_000)) * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}

extension supervision_report {
    /// The next report from a lifeline; nil once the warden has hung up.
    static func next(from lifeline: Int32) -> supervision_report? {
        var report = supervision_report()
        let size = MemoryLayout.size(ofValue: report)
        while true {
            let count = read(lifeline, &report, size)
            if count == -1 && errno == EINTR { continue }
            return count == size ? report : nil
        }
    }

    var failedCall: String {
        withUnsafeBytes(of: call) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    var usage: Usage {
        Usage(
            processorTime: .nanoseconds(processor_nanoseconds),
            peakMemory: Int(peak_memory_bytes),
            descendantsLeft: Int(descendants)
        )
    }

    /// As `status` tells it (wait(2)), unless it was a limit.
    var ending: Ending {
        switch UInt32(limit) {
        case SUPERVISION_WALL.rawValue: .limit(.wall)
        case SUPERVISION_PROCESSOR.rawValue: .limit(.processorTime)
        case SUPERVISION_MEMORY.rawValue: .limit(.memory)
        case SUPERVISION_PROCESSES.rawValue: .limit(.processes)
        case SUPERVISION_FILE_SIZE.rawValue: .limit(.fileSize)
        default: status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
        }
    }
}
