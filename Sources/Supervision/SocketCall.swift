import Foundation

/// A record of a socket call that a program made, as the preloaded recorder wrote it: fields with tabs between them,
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
    public enum Family: String, Sendable, Hashable {
        case socket, bind, listen, accept, connect, getaddrinfo, getsockname, getpeername, setsockopt
        case send, recv, shutdown, close, poll, fork
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

    public var hasReturned: Bool { phase == .returned || phase == .returnedOnRequest }

    /// The first argument as a number: of most calls, the socket.
    public var descriptor: Int32? { arguments.first.flatMap { Int32($0) } }

    /// - Parameter line: a line, without its newline. Nil: it is no record.
    public init?(_ line: some Collection<UInt8>) {
        let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        guard fields.count >= 7,
            fields[0].count == 1, let phase = fields[0].first.flatMap(Phase.init(rawValue:)),
            let process = number(fields[1]), let thread = number(fields[2]), let time = number(fields[3])
        else { return nil }
        self.phase = phase
        self.process = pid_t(truncatingIfNeeded: process)
        self.thread = Int32(truncatingIfNeeded: thread)
        self.time = UInt64(truncatingIfNeeded: time)
        // `syscall`, and the call as its first argument.
        isRaw = fields[4].elementsEqual("syscall".utf8) && fields.count > 7
        name = String(decoding: fields[isRaw ? 7 : 4], as: UTF8.self)
        family = Self.families[name] ?? Family(rawValue: name) ?? .other
        result = number(fields[5])
        errno = number(fields[6]).flatMap { $0 == 0 ? nil : Int32(truncatingIfNeeded: $0) }
        arguments = fields[(isRaw ? 8 : 7)...].map { String(decoding: $0, as: UTF8.self) }
    }

    /// The calls that have not their family's name.
    private static let families: [String: Family] = [
        "accept4": .accept,
        "write": .send, "writev": .send, "sendto": .send, "sendmsg": .send, "sendmmsg": .send,
        "read": .recv, "readv": .recv, "recvfrom": .recv, "recvmsg": .recv,
        "ppoll": .poll, "select": .poll, "pselect": .poll, "epoll_wait": .poll, "epoll_pwait": .poll,
        "dup2": .dup, "dup3": .dup, "vfork": .fork, "posix_spawn": .fork, "posix_spawnp": .fork,
        "_exit": .exit, "_Exit": .exit,
    ]
}

/// A decimal number; nil where there is anything else, as the `-` of a field with nothing in it.
private func number(_ digits: some Collection<UInt8>) -> Int? {
    var value = 0
    var rest = digits[...]
    let negative = rest.first == UInt8(ascii: "-")
    if negative { rest = rest.dropFirst() }
    if rest.isEmpty || rest.count > 18 { return nil }
    for digit in rest {
        guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
        value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return negative ? -value : value
}
