import Supervision

/// A socket call of a program, from its entry to its return.
public struct Call: Codable, Hashable, Sendable {
    public let name: String
    public let family: SocketCall.Family
    /// As the recorder writes them: of a call that has not returned, what is known on entry.
    public internal(set) var arguments: [String]
    public let process: Int32
    public let thread: Int32
    /// In nanoseconds of the monotonic clock. A call that can't block is recorded on its return alone: both
    /// are the same, unless a peer has met what came of it before.
    public internal(set) var began: UInt64
    /// Nil: it has not returned.
    public let ended: UInt64?
    public let result: Int?
    public let errno: Int32?
    /// Whether a check had it fail, or fall short.
    public let isOnRequest: Bool
    /// Whether it is on a socket of UDP, where 0 bytes are an empty datagram, and no end.
    public internal(set) var isOfDatagrams = false

    public var descriptor: Int32? { arguments.first.flatMap { Int32($0) } }

    public var hasFailed: Bool {
        result.map { family == .getaddrinfo ? $0 != 0 : $0 == -1 } ?? false
    }

    /// - Parameter asked: of poll(2), the events that it asked for; what it found comes after them.
    init(_ record: SocketCall, asked: [String] = [], began: UInt64, ended: UInt64?) {
        name = record.name
        family = record.family
        arguments = asked + (asked.isEmpty ? record.arguments : record.arguments.suffix(1))
        process = record.process
        thread = record.thread
        self.began = began
        self.ended = ended
        result = record.result
        errno = record.errno
        isOnRequest = record.phase == .returnedOnRequest
    }

    /// The calls that `records` tell of, in the order in which they began.
    public static func calls(in records: [SocketCall]) -> [Call] {
        var calls: [Call] = []
        /// By thread, the call in which it stands: its place in `calls`.
        var open: [Int32: Int] = [:]
        for record in records where record.phase != .note {
            if record.phase == .entered {
                // Nobody returns from exit(3).
                let ended = record.family == .exit ? record.time : nil
                if ended == nil { open[record.thread] = calls.count }
                calls.append(Call(record, began: record.time, ended: ended))
            } else if let index = open.removeValue(forKey: record.thread), calls[index].name == record.name {
                let call = calls[index]
                let asks = call.family == .poll && call.arguments.count == 3
                let asked = asks ? call.arguments : []
                calls[index] = Call(record, asked: asked, began: call.began, ended: record.time)
            } else {
                calls.append(Call(record, began: record.time, ended: record.time))
            }
        }
        markDatagrams(in: &calls)
        return calls
    }

    private static func markDatagrams(in calls: inout [Call]) {
        var sockets: Set<[Int32]> = []
        for index in calls.indices {
            let call = calls[index]
            if call.family == .socket {
                let isOne = call.arguments.count > 1 && call.arguments[1].hasPrefix("SOCK_DGRAM")
                if isOne, let result = call.result {
                    sockets.insert([call.process, Int32(truncatingIfNeeded: result)])
                }
            } else if let descriptor = call.descriptor {
                calls[index].isOfDatagrams = sockets.contains([call.process, descriptor])
                if call.family == .close { sockets.remove([call.process, descriptor]) }
            }
        }
    }
}
