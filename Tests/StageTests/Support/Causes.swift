import Foundation
import ReferenceEcho
import Supervision

/// Why bytes did not come back as they were sent, where what came, or the record of the calls, points to it.
struct EchoCause {
    let text: String?

    init(_ seen: Observation, sent: [UInt8], received: [UInt8]) {
        text =
            Self.flag(of: seen.calls(.recv) + seen.blockedCalls)
            ?? (seen.endsEarly ? seen.timeoutThatIsOver : nil) ?? Self.fromBytes(sent, received, seen)
            ?? Self.fromCalls(seen, sent, received)
    }

    static func fromBytes(_ sent: [UInt8], _ received: [UInt8], _ seen: Observation) -> String? {
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
            if common > 2,
                received[common...].starts(with: sent.prefix(min(16, common, received.count - common)))
            {
                let isShort = seen.calls(.send).contains {
                    $0.phase == .returnedOnRequest && ($0.result ?? 0) > 0
                }
                return "what was sent already was sent again"
                    + (isShort ? ": after a short send(2), only the rest is left to send" : "")
            }
        }
        if sent.count > common, common > 0, sent[common] == 0, received.count == common {
            return "it ends at a zero byte: a C string does, bytes do not"
        }
        return nil
    }

    /// A byte or two that came in between, or that were left out. From there on, all is as it should be.
    private static func strayBytes(_ sent: [UInt8], _ received: [UInt8]) -> String? {
        let common = zip(sent, received).prefix { $0 == $1 }.count
        let (sent, received) = (sent[common...], received[common...])
        for count in 1...2 {
            let (behind, after) = (received.dropFirst(count).prefix(16), sent.dropFirst(count).prefix(16))
            if behind.count > 3 || behind.count > 0 && behind.count == sent.count - count,
                sent.starts(with: behind)
            {
                return "\(describe(Array(received.prefix(count)))) came back, and had not been sent there"
            }
            if after.count > 3, received.starts(with: after) {
                return "\(describe(Array(sent.prefix(count)))) is missing there"
            }
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
                "\(short.name)(2) took \(short.result ?? 0) of \(short.argument(2) ?? "more") bytes, and the rest was never sent"
        }
        let unfinished = seen.blockedCalls.filter { [.recv, .send].contains($0.family) }
        if let failed = Self.callNotRepeated(in: receives + sends + unfinished, seen) {
            return "\(failed.name)(2) failed with EINTR, which is no failure: the call is made again"
        }
        if let stray = (receives + sends + unfinished).first(where: {
            seen.isListening($0.descriptor, in: $0.process)
        }) {
            return
                "\(stray.name)(2) was called on the listening socket: the client's is the one that accept(2) returned"
        }
        if let early = Self.causeOfBrokenSend(seen) { return early }
        if let other = Self.strayBytes(sent, received) { return other }
        let (taken, given) = (Self.total(receives), Self.total(sends))
        if given > taken, taken > 0 {
            return "recv(2) brought \(byteCount(taken)) altogether, and send(2) was given \(given): "
                + Self.causeOfExcess(given - taken, receives, sends)
        }
        if let empty = receives.first(where: { $0.result == 0 && $0.argument(2) == "0" }) {
            return "\(empty.name)(2) was given a buffer of 0 bytes, and 0 is what it returned"
        }
        if seen.endsEarly {
            return "the connection was ended before recv(2) had returned 0, the client's end of file"
        }
        let lost = sends.filter { ($0.result ?? -1) >= 0 }.compactMap { call in
            call.argument(2).flatMap { Int($0) }.map { $0 - (call.result ?? 0) }
        }.reduce(0, &+)
        if lost > 0, taken - given == lost, seen.ending == nil {
            return
                "send(2) took less than it was given, \(byteCount(lost)) less altogether: the rest was never sent"
        }
        if sends.contains(where: { $0.errno == EAGAIN }) {
            return
                "send(2) failed with EAGAIN, had taken nothing, and was not called again for the same bytes"
        }
        if taken > given, seen.blockedCall(.send) == nil {
            return given == 0
                ? "recv(2) brought \(byteCount(taken)), and nothing was sent"
                : "recv(2) brought \(byteCount(taken)) altogether, of which send(2) took \(given)"
        }
        return nil
    }
}

extension EchoCause {
    /// What was sent that had not come.
    private static func causeOfExcess(_ excess: Int, _ receives: [SocketCall], _ sends: [SocketCall])
        -> String
    {
        let most = receives.compactMap(\.result).max() ?? 0
        if sends.allSatisfy({ $0.argument(2).flatMap { Int($0) } ?? 0 <= most }) {
            return "some were sent more than once"
        }
        let pieces = receives.count { $0.result ?? 0 > 0 }
        return excess <= 2 * pieces
            ? "something was added that had not come"
            : "how many came is what recv(2) returns, not the size of the buffer"
    }

    /// What a flag of recv(2) does that an echo can't use.
    private static func flag(of calls: [SocketCall]) -> String? {
        let flags = calls.filter { $0.family == .recv && $0.arguments.count > 3 }.map { $0.arguments[3] }
        if flags.contains(where: { $0.contains("MSG_PEEK") }) {
            return "MSG_PEEK leaves the bytes where they are: the next recv(2) brings them again"
        }
        return flags.contains { $0.contains("MSG_WAITALL") }
            ? "MSG_WAITALL has recv(2) wait until the whole buffer is full" : nil
    }

    /// What the calls of send(2) that failed were followed or preceded by.
    private static func causeOfBrokenSend(_ seen: Observation) -> String? {
        let sends = seen.calls(.send)
        for (failed, next) in zip(sends, sends.dropFirst()) where failed.errno != nil {
            guard let before = failed.argument(2).flatMap({ Int($0) }),
                next.argument(2).flatMap({ Int($0) }) == before &+ 1, begins(next, oneByteBefore: failed)
            else {
                continue
            }
            return "\(failed.name)(2) returned -1, and that was added to the count of what had been sent"
        }
        let broken = sends.first { $0.errno == EPIPE }
        let shut = seen.calls(.shutdown).first { $0.descriptor == broken?.descriptor && $0.result == 0 }
        if let broken, let shut, shut.time < broken.time {
            return "shutdown(2) was called on the connection, and send(2) after it"
        }
        return nil
    }

    /// Whether what `next` was given is what `failed` was, and one more byte in front.
    private static func begins(_ next: SocketCall, oneByteBefore failed: SocketCall) -> Bool {
        // As the recorder wrote them, a byte in one to four characters, and cut off where there are many.
        let (old, new) = (failed.argument(1) ?? "", (next.argument(1) ?? "").dropFirst())
        let rest = new.prefix { $0 != "…" }.dropLast()
        return (1...4).contains { old.dropFirst().hasPrefix(rest.dropFirst($0)) }
    }

    /// A call that a signal interrupted, and that was not made again.
    private static func callNotRepeated(in calls: [SocketCall], _ seen: Observation) -> SocketCall? {
        let calls = calls.sorted { $0.time < $1.time }
        if let last = calls.last, last.errno == EINTR, seen.ending != nil || seen.endsEarly { return last }
        return zip(calls, calls.dropFirst()).first { $0.errno == EINTR && $1.family != $0.family }?.0
    }

    private static func total(_ calls: [SocketCall]) -> Int {
        calls.compactMap(\.result).filter { $0 > 0 }.reduce(0, &+)
    }
}

/// Why a connection did not end as it should, where the record of the calls, or the ending, points to it.
struct EndCause {
    let text: String?

    /// As far as it was a reset.
    init(ofReset seen: Observation, _ ending: ReferenceEcho.Ending) {
        guard case .reset = ending, seen.ending == nil else {
            text = nil
            return
        }
        text = EndCause(seen, ending).text
    }

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
            let ends = seen.calls(.recv).filter { $0.result == 0 }
            text =
                seen.repeatsEndOfFile
                ? "recv(2) returned 0, the client's end of file, and was called again and again"
                : seen.ending == nil && ends.contains { !seen.closes($0.descriptor, in: $0.process) }
                    ? "recv(2) returned 0, the client's end of file, and the connection was not closed after it"
                    : nil
        case .endOfFile: text = nil
        }
    }
}

extension Observation {
    /// Whether recv(2) returns 0 again and again: nothing else will come.
    var repeatsEndOfFile: Bool {
        let last = records.suffix(400).filter { $0.family != .poll }.suffix(100)
        return last.count == 100
            && last.allSatisfy { call in
                call.family == .recv && (call.result ?? 0) == 0 && call.descriptor == last.first?.descriptor
            }
    }

    /// Whether the connection is over, although the client's end of file was not seen.
    fileprivate var endsEarly: Bool {
        let hasEndOfFile = calls(.recv).contains { $0.result == 0 }
        let accepted = calls(.accept).compactMap { $0.result.flatMap { Int32(exactly: $0) } }
        // Of a family each process closes what it has: that of another ends nothing.
        let receivers = Set((calls(.recv) + calls(.poll)).map(\.process))
        return !hasEndOfFile && !accepted.isEmpty && !receivers.isEmpty
            && (ending == .exited(0)
                || accepted.contains { number in receivers.contains { closes(number, in: $0) } })
    }

    /// Whether `descriptor` of a process is that of a socket that listens.
    fileprivate func isListening(_ descriptor: Int32?, in process: pid_t) -> Bool {
        calls(.listen).contains { $0.descriptor == descriptor && $0.result == 0 }
            && !closes(descriptor, in: process)
    }
}
