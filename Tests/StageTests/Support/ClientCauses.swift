import Foundation
import ReferenceEcho
import Supervision

/// Why bytes that went into a client did not come to the server, or what came back did not come out: where
/// the bytes, how it ended, or the record of its calls points to it.
struct ClientCause {
    let text: String?

    static let endedFirst = "it ended before the server did: receiving goes on, and SHUT_WR is for what goes"

    /// What came to the server is not what went in.
    init(ofInput input: [UInt8], arrived: [UInt8], _ seen: Observation) {
        text =
            Self.brokenOff(seen) ?? Self.newlines(input, arrived) ?? EchoCause.fromBytes(input, arrived, seen)
            ?? Self.endedTooEarly(seen) ?? Self.shortSend(seen, input, arrived)
    }

    /// The end of the input overtook what was to go before it.
    private static func endedTooEarly(_ seen: Observation) -> String? {
        guard let end = seen.calls(.shutdown).last,
            seen.calls(.send).contains(where: { $0.errno == EPIPE && $0.time > end.time })
        else { return nil }
        return "shutdown(2) was called while there was still something to send: first all of it has to go"
    }

    /// What went in last never came to the server, whatever happened then.
    init(ofLostInput input: [UInt8], arrived: [UInt8]) {
        let newline = UInt8(ascii: "\n")
        guard input.starts(with: arrived), let last = arrived.last else {
            text = nil
            return
        }
        if last != newline {
            text = "the rest of the line is lost: it may be longer than any buffer"
        } else {
            text =
                input.dropFirst(arrived.count).contains(newline)
                ? "what is behind the first newline is lost: one read(2) may bring several lines"
                : "the last line has no newline, and is to be sent all the same"
        }
    }

    /// The input has ended, and no FIN has come to the server.
    init(ofMissingEnd seen: Observation) {
        if seen.recorderLoaded, seen.ending == nil, seen.calls(.shutdown).isEmpty {
            text = "shutdown(2) was not called: without it the server waits for more"
        } else {
            text = Self.otherWay(seen) ?? Self.brokenOff(seen)
        }
    }

    /// What is left after the half-close did not come out, or the client's end is not as it should be.
    private static func otherWay(_ seen: Observation) -> String? {
        switch seen.calls(.shutdown).last?.arguments.dropFirst().first {
        case "SHUT_RD": "SHUT_RD ends what comes; SHUT_WR is for what goes"
        case "SHUT_RDWR": "SHUT_RDWR ends both directions; SHUT_WR is for what goes"
        default:
            seen.recorderLoaded && seen.calls(.shutdown).isEmpty
                && seen.calls(.close).contains { $0.descriptor == seen.calls(.connect).last?.descriptor }
                ? "shutdown(2) was not called: close(2) ends both directions" : nil
        }
    }

    /// What came out is not what the server sent.
    init(ofOutput shown: [UInt8], echo: [UInt8], input: [UInt8], _ seen: Observation) {
        let common = zip(shown, echo).prefix { $0 == $1 }.count
        if !input.isEmpty, [input, input + echo, echo + input].contains(shown), shown != echo {
            text = "the input itself was written out: standard output is for what recv(2) brought"
        } else if shown.dropFirst(common).starts(with: Array("> ".utf8)) {
            text = "the prompt is for a person: who reads a pipe takes it for a part of the echo"
        } else if common == 0, !shown.isEmpty, String(decoding: shown, as: UTF8.self).contains("onnected") {
            text = "this program has no status lines: what is not from the server belongs on standard error"
        } else {
            text =
                Self.otherWay(seen) ?? Self.brokenOff(seen) ?? Self.newlines(echo, shown)
                ?? EchoCause.fromBytes(echo, shown, seen)
                ?? Self.wholeBuffer(seen, shown) ?? Self.notReceived(seen, echo, shown)
        }
    }

    /// The server ended, early or not, and the client did not do as it should.
    init(ofEnd seen: Observation, isEarly: Bool) {
        let zeros = seen.calls(.recv).filter { $0.result == 0 }
        switch seen.ending {
        case nil where zeros.count > 1:
            text = "recv(2) returned 0, the server's end of file, and was called again and again"
        case nil where !zeros.isEmpty:
            text = "recv(2) returned 0, the server's end of file, and the program went on"
        case .exited(0) where isEarly:
            text = "exit status 0 says that nothing is missing: fewer bytes came back than were sent"
        case .exited where isEarly && seen.errors.isEmpty:
            text = "nothing is on standard error"
        default: text = nil
        }
    }
}

extension ClientCause {
    /// A call failed, and that ended the program.
    private static func brokenOff(_ seen: Observation) -> String? {
        if let cause = CallCause(seen).text { return cause }
        let calls = (seen.calls(.recv) + seen.calls(.send) + seen.calls(.poll)).sorted { $0.time < $1.time }
        let interrupted = calls.last { $0.errno == EINTR }
        guard let interrupted, calls.last?.errno == EINTR || seen.ending != nil else { return nil }
        let isRepeated = (calls + seen.blockedCalls).contains {
            $0.time > interrupted.time && $0.family == interrupted.family
        }
        if isRepeated { return nil }
        return "\(interrupted.name)(2) failed with EINTR, which is no failure: the call is made again"
    }

    private static func newlines(_ before: [UInt8], _ after: [UInt8]) -> String? {
        let newline = UInt8(ascii: "\n")
        let text = after.filter { $0 != newline }
        if before == after || text.isEmpty || before.filter({ $0 != newline }) != text { return nil }
        return after.count < before.count
            ? "a newline is missing: it is a part of its line, though readLine() takes it off"
            : "a newline was added: a line has its own, and the last may have none"
    }

    private static func shortSend(_ seen: Observation, _ input: [UInt8], _ arrived: [UInt8]) -> String? {
        let short = seen.calls(.send).first { $0.phase == .returnedOnRequest && ($0.result ?? 0) > 0 }
        guard let short, arrived.count < input.count else { return nil }
        return
            "\(short.name)(2) took \(short.result ?? 0) of \(short.arguments[2]) bytes, and the rest was never sent"
    }

    private static func wholeBuffer(_ seen: Observation, _ shown: [UInt8]) -> String? {
        let taken = seen.calls(.recv).compactMap(\.result).filter { $0 > 0 }.reduce(0, +)
        guard taken > 0, shown.count > taken, shown[taken] == 0 else { return nil }
        return "recv(2) brought \(byteCount(taken)) altogether, and \(shown.count) came out:"
            + " how many came is what recv(2) returns, not the size of the buffer"
    }

    /// Too little came out, of a program that goes on.
    private static func notReceived(_ seen: Observation, _ echo: [UInt8], _ shown: [UInt8]) -> String? {
        let waitsForIt = seen.blockedCalls.contains { [.recv, .poll].contains($0.family) }
        guard seen.ending == nil, seen.recorderLoaded, shown.count < echo.count else { return nil }
        let taken = seen.calls(.recv).compactMap(\.result).filter { $0 > 0 }.reduce(0, +)
        if let send = seen.blockedCall(.send) {
            return "\(send.name)(2) waits until the server takes more, and nothing comes out meanwhile:"
                + " both directions move at once"
        }
        if taken >= echo.count {
            return "recv(2) brought all of it, and it was not written out at once: into a pipe, print waits"
                + " until its buffer is full"
        }
        if taken == 0, !waitsForIt {
            return "recv(2) was not called: what comes back is taken while the input is open"
        }
        if !waitsForIt {
            return "recv(2) brought \(byteCount(taken)), and was not called again:"
                + " an echo comes in any number of pieces"
        }
        return nil
    }
}
