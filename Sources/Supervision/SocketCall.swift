import Foundation

/// A record of a socket call that a program made, as the preloaded recorder wrote it: fields with tabs
/// between them,
/// `PHASE PID TID NANOSECONDS CALL RESULT ERRNO ARGUMENT…`.
public struct SocketCall: Sendable, Hashable {
    public enum Phase: UInt8, Sendable, Hashable {
        /// The call begins, and may block.
        case entered = 0x3E  // >
        /// It has returned.
        case returned = 0x3C  // <
        /// It has returned what a fault asked for: see ``Recorder/faults``.
        case returnedOnRequest = 0x2A  // *
        /// No call, but something that the recorder tells.
        case note = 0x21  // !
    }

    /// Calls that do the same count as one.
    public enum Family: String, Codable, Sendable, Hashable {
        case socket, bind, listen, accept, connect, getaddrinfo, getsockname, getpeername, setsockopt
        case send, recv, shutdown, close, poll, sleep, fork
        /// These can't be asked to fail: ``Recorder/Fault``.
        case dup, fcntl, exit, other
    }

    public let phase: Phase
    public let process: pid_t
    public let thread: Int32
    /// Nanoseconds of the monotonic clock.
    public let time: UInt64
    /// The call: `accept4`.
    public let name: String
    /// Whether the program made it through syscall(2).
    public let isRaw: Bool
    public let family: Family
    /// What it returned; nil on entry.
    public let result: Int?
    /// The errno of a call that failed, else nil.
    public let errno: Int32?
    /// As the recorder writes them: addresses as `127.0.0.1:7007`.
    public let arguments: [String]

    /// An argument as the recorder wrote it; nil where the record has not so many. A program can write
    /// records too.
    public func argument(_ index: Int) -> String? {
        arguments.indices.contains(index) ? arguments[index] : nil
    }

    public var hasReturned: Bool { phase == .returned || phase == .returnedOnRequest }

    /// The first argument as a number: of most calls, the socket.
    public var descriptor: Int32? { arguments.first.flatMap { Int32($0) } }

    /// - Parameter line: a line, without its newline. Nil: it is no record.
    public init?(_ line: some Collection<UInt8>) {
        let call = Array(line).withUnsafeBufferPointer { Self(fields: fields(of: $0)) }
        guard let call else { return nil }
        self = call
    }

    private init?(fields: [UnsafeBufferPointer<UInt8>]) {
        guard fields.count >= 7,
            fields[0].count == 1, let phase = Phase(rawValue: fields[0][0]),
            let process = number(fields[1]), let thread = number(fields[2]), let time = number(fields[3]),
            time >= 0
        else { return nil }
        self.phase = phase
        self.process = pid_t(truncatingIfNeeded: process)
        self.thread = Int32(truncatingIfNeeded: thread)
        self.time = UInt64(time)
        let texts = fields[4...].map { String(decoding: $0, as: UTF8.self) }
        // `syscall`, and the call as its first argument.
        isRaw = texts[0] == "syscall" && texts.count > 3
        name = isRaw ? texts[3] : texts[0]
        family = Self.families[name] ?? Family(rawValue: name) ?? .other
        result = number(fields[5])
        errno = number(fields[6]).flatMap { $0 == 0 ? nil : Int32(truncatingIfNeeded: $0) }
        arguments = Array(texts[(isRaw ? 4 : 3)...])
    }

    /// The calls that have not their family's name.
    private static let families: [String: Family] = [
        "accept4": .accept,
        "write": .send, "writev": .send, "sendto": .send, "sendmsg": .send, "sendmmsg": .send,
        "read": .recv, "readv": .recv, "recvfrom": .recv, "recvmsg": .recv,
        "ppoll": .poll, "select": .poll, "pselect": .poll, "epoll_wait": .poll, "epoll_pwait": .poll,
        "usleep": .sleep, "nanosleep": .sleep, "clock_nanosleep": .sleep,
        "dup2": .dup, "dup3": .dup, "vfork": .fork, "posix_spawn": .fork, "posix_spawnp": .fork,
        "_exit": .exit, "_Exit": .exit,
    ]
}

/// What is between the tabs. A program that makes a call for each byte makes records by the hundred thousand:
/// memchr(3) is several times as fast as a generic search in a build for debugging.
private func fields(of line: UnsafeBufferPointer<UInt8>) -> [UnsafeBufferPointer<UInt8>] {
    guard let start = line.baseAddress else { return [] }
    var fields: [UnsafeBufferPointer<UInt8>] = []
    var from = 0
    while let tab = memchr(start + from, 9, line.count - from) {
        let end = UnsafeRawPointer(start).distance(to: tab)
        fields.append(UnsafeBufferPointer(rebasing: line[from..<end]))
        from = end + 1
    }
    fields.append(UnsafeBufferPointer(rebasing: line[from...]))
    return fields
}

/// A decimal number; nil where there is anything else, as the `-` of a field with nothing in it.
private func number(_ digits: UnsafeBufferPointer<UInt8>) -> Int? {
    let isNegative = digits.first == UInt8(ascii: "-")
    let first = isNegative ? 1 : 0
    if digits.count == first || digits.count > 18 { return nil }
    var value = 0
    for index in first..<digits.count {
        guard digits[index] >= 48 && digits[index] <= 57 else { return nil }
        value = value * 10 + Int(digits[index]) - 48
    }
    return isNegative ? -value : value
}
