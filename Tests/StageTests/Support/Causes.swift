import Foundation
import ReferenceEcho
import Supervision

/// Why bytes did not come back as they were sent, where what came, or the record of the calls, points to it.
struct EchoCause {
    let text: String?

    init(_ seen: Observation, sent: [UInt8], received: [UInt8]) {
        text = Self.fromBytes(sent, received) ?? Self.fromCalls(seen, sent, received)
    }

    private static func fromBytes(_ sent: [UInt8], _ received: [UInt8]) -> String? {
        let common = zip(sent, received).prefix { $0 == $1 }.count
        if received.count > common, sent.count > common {
            if received[common...].starts(with: [0xEF, 0xBF, 0xBD]) {
                return
                    "EF BF BD is what UTF-8 has for bytes that are no text: the bytes went through a String"
            }
            if common == 1, received.count == sent.count {
                return
                    "only the first byte is right: &buffer[i] points to a copy of one element, not into the buffer"
            }
            if common > 0, received[common...].starts(with: sent.prefix(min(16, received.count - common))) {
                return
                    "what was sent already was sent again: after a short send(2), only the rest is left to send"
            }
        }
        if sent.count > common, sent[common] == 0, received.count == common {
            return "it ends at a zero byte: a C string does, bytes do not"
        }
        return nil
    }

    private static func fromCalls(_ seen: Observation, _ sent: [UInt8], _ received: [UInt8]) -> String? {
        let sends = seen.calls(.send)
        let receives = seen.calls(.recv)
        if let short = sends.first(where: { $0.phase == .returnedOnRequest && ($0.result ?? 0) > 0 }),
            received.count < sent.count
        {
            return
                "\(short.name)(2) took \(short.result ?? 0) of \(short.arguments[2]) bytes, and the rest was never sent"
        }
        if let failed = Self.callNotRepeated(in: receives + sends), seen.ending != nil {
            return "\(failed.name)(2) failed with EINTR, which is no failure: the call is made again"
        }
        if let stray = (receives + sends).first(where: { seen.isListening($0.descriptor) }) {
            return
                "\(stray.name)(2) was called on the listening socket: the client's is the one that accept(2) returned"
        }
        if let flag = Self.flag(of: receives + seen.blockedCalls) { return flag }
        let largest = receives.compactMap(\.result).max() ?? 0
        if let greedy = sends.first(where: { ($0.result ?? 0) > largest }), largest > 0 {
            return
                "\(greedy.name)(2) sent \(greedy.result ?? 0) bytes, though recv(2) never brought more than \(largest):"
                + " how many came is what it returns, not the size of the buffer"
        }
        let (taken, given) = (Self.total(receives), Self.total(sends))
        if given > taken, taken > 0 {
            return "recv(2) brought \(taken) bytes altogether, and send(2) was given \(given):"
                + " how many came is what recv(2) returns, not the size of the buffer"
        }
        if let empty = receives.first(where: { $0.result == 0 && $0.arguments[2] == "0" }) {
            return "\(empty.name)(2) was given a buffer of 0 bytes, and 0 is what it returned"
        }
        if seen.endsEarly {
            return "the connection was ended before recv(2) had returned 0, the client's end of file"
        }
        if sends.contains(where: { $0.errno == EAGAIN }) {
            return
                "send(2) failed with EAGAIN, had taken nothing, and was not called again for the same bytes"
        }
        if taken > given, seen.blockedCall(.send) == nil {
            return given == 0
                ? "recv(2) brought \(taken) bytes, and nothing was sent"
                : "recv(2) brought \(taken) bytes altogether, and \(given) were sent"
        }
        return nil
    }
}

extension EchoCause {
    /// What a flag of recv(2) does that an echo can't use.
    private static func flag(of calls: [SocketCall]) -> String? {
        let flags = calls.filter { $0.family == .recv && $0.arguments.count > 3 }.map { $0.arguments[3] }
        if flags.contains(where: { $0.contains("MSG_PEEK") }) {
            return "MSG_PEEK leaves the bytes where they are: the next recv(2) brings them again"
        }
        return flags.contains { $0.contains("MSG_WAITALL") }
            ? "MSG_WAITALL has recv(2) wait until the whole buffer is full" : nil
    }

    /// The last call, where a signal interrupted it and it was not made again.
    private static func callNotRepeated(in calls: [SocketCall]) -> SocketCall? {
        calls.max { $0.time < $1.time }.flatMap { $0.errno == EINTR ? $0 : nil }
    }

    private static func total(_ calls: [SocketCall]) -> Int {
        calls.compactMap(\.result).filter { $0 > 0 }.reduce(0, +)
    }
}

/// Why a connection did not end as it should, where the record of the calls, or the ending, points to it.
struct EndCause {
    let text: String?

    init(_ seen: Observation, _ ending: ReferenceEcho.Ending) {
        switch ending {
        case .reset:
            let lingers = seen.calls(.setsockopt).contains {
                $0.arguments.suffix(2) == ["SO_LINGER", "on,0"]
            }
            text =
                lingers
                ? "SO_LINGER with a time of 0 makes close(2) send a RST"
                : "close(2) answers with a RST where bytes have come that were not received"
        case .stillOpen:
            let zeros = seen.calls(.recv).filter { $0.result == 0 }.count
            text =
                zeros > 1
                ? "recv(2) returned 0, the client's end of file, and was called again and again"
                : zeros == 1 && seen.recorderLoaded && !seen.calls(.close).contains { $0.result == 0 }
                    ? "recv(2) returned 0, the client's end of file, and the connection was not closed after it"
                    : nil
        case .endOfFile: text = nil
        }
    }
}

extension Observation {
    /// Whether recv(2) returns 0 again and again: nothing else will come.
    var repeatsEndOfFile: Bool {
        let last = records.suffix(100)
        return last.count == 100 && last.allSatisfy { $0.family == .recv && ($0.result ?? 0) == 0 }
    }

    /// Whether the connection is over, although the client's end of file was not seen.
    fileprivate var endsEarly: Bool {
        let hasEndOfFile = calls(.recv).contains { $0.result == 0 }
        let accepted = calls(.accept).compactMap { $0.result.flatMap { Int32(exactly: $0) } }
        return !hasEndOfFile && !calls(.recv).isEmpty
            && (ending == .exited(0) || accepted.contains(where: closes))
    }

    /// Whether `descriptor` is that of a socket that listens.
    fileprivate func isListening(_ descriptor: Int32?) -> Bool {
        calls(.listen).contains { $0.descriptor == descriptor && $0.result == 0 } && !closes(descriptor)
    }
}
