import CSupervision
import Foundation
import Sockets

/// Attends a program in a thread of its own: takes everything that it writes, as it comes, so that it never
/// waits for the kit, and takes its warden's reports.
///
/// The descriptors are used and closed with the lock held, so that none is used after its number went to
/// another file.
final class Attendant: @unchecked Sendable {
    private let changed = NSCondition()
    private var observation = Observation()
    /// Counts the changes of `observation`.
    private var version = 0
    private var pipes: Pipes
    private var exceeded: Ending.Limit?
    private var channelBytes = 0
    /// What of the channel is not yet a whole line.
    private var partialLine: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private let household: Household
    private let launch: Launch

    init(_ launch: Launch, _ household: Household, _ pipes: Pipes) {
        self.launch = launch
        self.household = household
        self.pipes = pipes
    }

    func start() {
        Thread.detachNewThread { self.attend() }
    }

    // MARK: For the threads of the kit

    /// Whoever sees a line, or what a call did, sees also what was recorded before.
    func observed() -> (observation: Observation, version: Int) {
        locked {
            // Twice: the room of a pipe, and a line that was cut in two. Not for ever: a program may write
            // on.
            for _ in 0..<2 where !take(\.channel) { break }
            return (observation, version)
        }
    }

    /// Waits until there is more to observe than in `version`, or for `milliseconds`.
    func waitForChange(since version: Int, _ milliseconds: Int32) {
        let limit = Date(timeIntervalSinceNow: Double(milliseconds) / 1000)
        locked {
            while self.version == version && changed.wait(until: limit) {}
        }
    }

    func waitUntilOver() {
        locked {
            while !observation.isOver { changed.wait() }
        }
    }

    func command(_ order: supervision_order, signal: Int32 = 0) {
        locked { commandLocked(order, signal: signal) }
    }

    func signalProgram(_ number: Int32) {
        locked {
            if observation.ending != nil { return }
            observation.signals.append(SentSignal(number, time: MonotonicTime.now))
            change()
            commandLocked(SUPERVISION_SIGNAL_PROGRAM, signal: number)
        }
    }

    /// Writes what fits into the program's standard input. Returns how much that was, or -1 and errno.
    func write(_ bytes: ArraySlice<UInt8>) -> (count: Int, errno: Int32) {
        locked {
            if pipes.input == -1 { return (-1, EPIPE) }
            let count = bytes.withUnsafeBytes { supervision_write(pipes.input, $0.baseAddress, $0.count) }
            return (count, errno)
        }
    }

    /// Waits until standard input may take more.
    func waitForRoom(_ milliseconds: Int32) {
        var descriptor = pollfd(fd: locked { pipes.input }, events: Int16(POLLOUT), revents: 0)
        // Closed in the meantime, or another file's by now: then the next write tells.
        poll(&descriptor, 1, milliseconds)
    }

    /// Whether the program's standard input is open, and holds nothing that it has not read.
    var hasReadInput: Bool {
        locked { pipes.input != -1 && supervision_unread(pipes.input) == 0 }
    }

    func closeInput() {
        locked {
            if launch.terminal {
                // On a terminal the end of file is a character, Ctrl-D.
                var end: UInt8 = 4
                supervision_write(pipes.input, &end, 1)
            } else {
                pipes.close(\.input)
            }
        }
    }

    // MARK: The thread

    private func attend() {
        let ends: [WritableKeyPath<Pipes, Int32>] = [\.lifeline, \.output, \.errors, \.channel]
        while true {
            var waiting = locked {
                ends.map { pollfd(fd: pipes[keyPath: $0], events: Int16(POLLIN), revents: 0) }
            }
            if poll(&waiting, nfds_t(waiting.count), -1) == -1 { continue }
            for (end, state) in zip(ends, waiting).dropFirst() where state.revents != 0 {
                locked { take(end) }
            }
            if waiting[0].revents != 0 && !locked({ takeReport() }) { break }
        }
        finish()
    }

    /// Takes a report of the warden. False: it is gone.
    private func takeReport() -> Bool {
        guard let report = supervision_report.next(from: pipes.lifeline) else { return false }
        // What the program has written before it ended is in the pipes now.
        takeAll()
        observation.usage = report.usage
        observation.ending = exceeded.map { .limit($0) } ?? report.ending
        change()
        return true
    }

    /// Nobody but a stranger, to whom the program has passed a pipe, can write any more.
    private func finish() {
        while waitpid(household.warden, nil, 0) == -1 && errno == EINTR {}
        let isLost = locked { observation.ending == nil }
        if isLost { household.clear() }
        locked {
            takeAll()
            pipes.closeOurs()
            observation.outputEnded = true
            if isLost { observation.ending = .signalled(SIGKILL) }
            observation.isOver = true
            change()
        }
    }

    private func takeAll() {
        for end in [\Pipes.output, \.errors, \.channel] {
            // More reads than a pipe has room for, and not for ever: what is left behind may still be
            // writing.
            for _ in 0..<64 where !take(end) { break }
        }
    }

    /// Reads once from an end. False: there was nothing.
    @discardableResult
    private func take(_ end: WritableKeyPath<Pipes, Int32>) -> Bool {
        if pipes[keyPath: end] == -1 { return false }
        let count = Foundation.read(pipes[keyPath: end], &buffer, buffer.count)
        if count == -1 && (errno == EAGAIN || errno == EINTR) { return false }
        if count > 0 {
            keep(buffer[..<count], from: end)
        } else {
            // The end of file; of a terminal, it is EIO.
            if end == \.output { observation.outputEnded = true }
            pipes.close(end)
        }
        change()
        return count > 0
    }

    private func keep(_ bytes: ArraySlice<UInt8>, from end: WritableKeyPath<Pipes, Int32>) {
        if end == \.channel { return keepLines(bytes) }
        let room = launch.limits.output - observation.output.count - observation.errors.count
        if end == \.output {
            observation.output += bytes.prefix(room)
        } else {
            observation.errors += bytes.prefix(room)
        }
        if bytes.count > room && exceeded == nil {
            exceeded = .output
            commandLocked(SUPERVISION_FINISH)
        }
    }

    private func keepLines(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes.prefix(launch.limits.channel - channelBytes)
        channelBytes += rest.count
        if rest.count < bytes.count { observation.channelOverflowed = true }
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            keepLine(partialLine.isEmpty ? rest[..<newline] : (partialLine + rest[..<newline])[...])
            partialLine = []
            rest = rest[(newline + 1)...]
        }
        partialLine += rest
    }

    private func keepLine(_ line: ArraySlice<UInt8>) {
        if launch.recordsCalls, let call = SocketCall(line) {
            observation.add(call)
        } else {
            observation.channelLines.append(String(decoding: line, as: UTF8.self))
        }
    }

    // MARK: With the lock held

    @discardableResult
    private func locked<T>(_ body: () -> T) -> T {
        changed.lock()
        defer { changed.unlock() }
        return body()
    }

    private func change() {
        version += 1
        changed.broadcast()
    }

    private func commandLocked(_ order: supervision_order, signal: Int32 = 0) {
        if pipes.lifeline == -1 { return }
        var command = supervision_command(order: UInt8(order.rawValue), signal: UInt8(signal))
        supervision_write(pipes.lifeline, &command, MemoryLayout.size(ofValue: command))
    }
}
