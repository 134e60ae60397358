import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// Why a datagram did not come, or not as it should, where what came, or the record of the calls, points to
/// it.
struct DatagramCause {
    let text: String?

    // MARK: - The server's

    /// The server's reply to `sent` did not come, or was `reply`.
    init(_ seen: Observation, sent: [UInt8], reply: [UInt8]?) {
        let receives = seen.calls(.recv)
        let sends = seen.calls(.send)
        let lastRoom = receives.last?.argument(2).flatMap { Int($0) }
        if let cause = Self.ofStream(seen) ?? Self.ofSignal(seen) {
            text = cause
        } else if let reply, let room = lastRoom, reply.count == room, sent.count > room || room == 0 {
            text = "there was room for \(byteCount(room)): what more a datagram has is lost"
        } else if let reply, reply.count > sent.count, let last = receives.last?.result, reply.count > last {
            text =
                "recvfrom(2) brought \(byteCount(last)), and sendto(2) took \(reply.count): how many came is what it returns"
        } else if let refused = sends.last, refused.errno == EDESTADDRREQ || refused.errno == ENOTCONN {
            text =
                "\(refused.name)(2) was not told where to: recvfrom(2) tells the sender, sendto(2) takes it"
        } else if let wrong = sends.last, wrong.errno == EINVAL || wrong.errno == EAFNOSUPPORT {
            text =
                "\(wrong.name)(2) got no right address: recvfrom(2) writes one where it is told how much room there is"
        } else if (receives + sends).contains(where: { $0.errno == ECONNREFUSED })
            || seen.errorText.contains(": \(Errno(ECONNREFUSED))")
        {
            text =
                "a sender that has gone refuses its reply: that is the end of this one, and not of the server"
        } else if receives.last?.result == 0, lastRoom != 0, sends.count < receives.count {
            text =
                "\(receives.last?.name ?? "recvfrom")(2) returned 0: that is an empty datagram, which is answered too,"
                + " and no end of anything"
        } else if let failed = sends.last, let errno = failed.errno, seen.ending != nil {
            text =
                "\(failed.name)(2) failed: \(Errno(errno)): one reply is lost, and the server goes on"
        } else if let reply, let bytes = EchoCause.fromBytes(sent, reply, seen) {
            text = bytes
        } else if let connect = seen.calls(.connect).first {
            text =
                "connect(2) was called for \(connect.argument(1) ?? "a sender"): from then on the socket hears no other"
        } else if reply == nil, seen.ending == nil, seen.recorderLoaded, receives.isEmpty,
            seen.blockedCall(.recv) == nil, seen.blockedCall(.poll) == nil
        {
            text = "recvfrom(2) was not called"
        } else if reply != nil, sent.isEmpty, sends.count > receives.count {
            text =
                "recvfrom(2) returned \(receives.count) times, and sendto(2) \(sends.count) times: each datagram is answered once"
        } else {
            text = Self.ofOtherReceiver(receives, sends)
        }
    }

    /// The socket is none of UDP.
    private static func ofStream(_ seen: Observation) -> String? {
        let isStream = seen.calls(.socket).contains { $0.argument(1)?.hasPrefix("SOCK_STREAM") == true }
        return isStream ? "the socket is one of TCP, SOCK_STREAM; UDP is SOCK_DGRAM" : nil
    }

    private static func ofSignal(_ seen: Observation) -> String? {
        let calls = (seen.calls(.recv) + seen.calls(.send) + seen.calls(.poll)).sorted { $0.time < $1.time }
        let waiting = seen.blockedCalls.filter { [.recv, .send, .poll].contains($0.family) }
        let all = calls + waiting
        let dropped = zip(all, all.dropFirst()).first { $0.errno == EINTR && $0.family != $1.family }?.0
        let last = calls.last.flatMap { $0.errno == EINTR && seen.ending != nil ? $0 : nil }
        return (last ?? dropped).map {
            "\($0.name)(2) failed with EINTR, which is no failure: the call is made again"
        }
    }

    private static func ofOtherReceiver(_ receives: [SocketCall], _ sends: [SocketCall]) -> String? {
        guard let from = receives.last?.argument(4), let to = sends.last?.argument(4), from != "-", to != "-",
            from != to
        else { return nil }
        return "the last datagram came from \(from), and the reply went to \(to)"
    }

    // MARK: - What the client sends

    /// The datagram of a line did not come to `server`.
    init(_ seen: Observation, ofMissing line: [UInt8], to server: SocketAddress) {
        let sends = seen.calls(.send)
        let connected = seen.calls(.connect).last { $0.result == 0 }?.argument(1)
        if let cause = Self.ofStream(seen) ?? Self.ofSignal(seen) ?? CallCause(seen).text {
            text = cause
        } else if seen.ending == .exited(0), line.isEmpty {
            text = "an empty line is a datagram of no bytes, and no end of the input"
        } else if seen.ending == .exited(0) {
            text = "the last line has no newline, and is to be sent all the same"
        } else if let far = connected ?? sends.last?.argument(4), far != "-", far != "\(server)" {
            text = "it went to \(far)"
        } else if line.isEmpty, seen.recorderLoaded, seen.ending == nil {
            text = "an empty line is a datagram of no bytes: send(2) is called for it too"
        } else {
            text = nil
        }
    }

    /// Another datagram came in place of that of a line.
    init(ofLine line: [UInt8], datagram: [UInt8], _ seen: Observation) {
        let newline = UInt8(ascii: "\n")
        if datagram == line + [newline] {
            text = "the newline came along: it ends the line, and is no part of it"
        } else if datagram.contains(newline) {
            text = "several lines came in one datagram: each is one of its own"
        } else if datagram == line + [0] || datagram == line + [newline, 0] {
            text = "the zero came along that ends a C string"
        } else if line.starts(with: datagram), !datagram.isEmpty, datagram.count < line.count {
            text =
                line.dropFirst(datagram.count).first == 0
                ? "it ends at a zero byte: a C string does, bytes do not"
                : "the rest of the line is lost: a line may have 65,507 bytes, as a datagram has"
        } else if line.isEmpty {
            text = "an empty line is a datagram of no bytes: send(2) is called for it too"
        } else {
            text = EchoCause.fromBytes(line, datagram, seen)
        }
    }

    // MARK: - The client's time

    /// The datagram did not come again.
    init(ofMissingRepetition seen: Observation) {
        let waits = seen.blockedCalls.first { [.recv, .poll].contains($0.family) }
        let limit = Self.limit(in: seen)
        if seen.errorText.contains(": \(Errno(EAGAIN))") {
            text = "EAGAIN is how recv(2) tells that nothing came in time, and no failure"
        } else if seen.errorText.contains("no reply from") {
            text = "it is sent three times before the program gives up"
        } else if let limit, limit > 600 {
            text = "it waits for \(limit) milliseconds"
        } else if let waits, limit == nil, waits.family == .recv || waits.argument(1) == "-1" {
            text = "\(waits.name)(2) waits for ever: a limit is set by SO_RCVTIMEO, or given to poll(2)"
        } else if seen.ending == nil, let call = seen.calls(.recv).last, call.errno == EAGAIN {
            text = "recv(2) told by EAGAIN that nothing came in time, and the line was not sent again"
        } else {
            text = Self.ofSignal(seen)
        }
    }

    /// The datagram came again too late.
    init(ofDelay seen: Observation) {
        text = Self.limit(in: seen).map { "it waits for \($0) milliseconds" }
    }

    /// The datagram came again too soon.
    init(ofHaste seen: Observation) {
        if let cause = Self.ofSignal(seen) {
            text = cause
        } else if let failed = seen.calls(.setsockopt).first(where: {
            $0.argument(2) == "SO_RCVTIMEO" && $0.errno != nil
        }),
            let errno = failed.errno
        {
            text = "setsockopt(2) failed: \(Errno(errno)): there is no limit, or another one than was meant"
        } else if let limit = Self.limit(in: seen), limit < 450 {
            text =
                limit == 0
                ? "SO_RCVTIMEO is less than a millisecond: tv_usec counts microseconds, of which 500 ms has 500,000"
                : "it waits for \(limit) milliseconds"
        } else if seen.calls(.recv).contains(where: { ($0.result ?? -1) >= 0 }) {
            text =
                "a datagram that does not equal the line is dropped, and the wait goes on: nothing is sent for it"
        } else {
            text = nil
        }
    }

    /// How long the program asks to wait for a reply, in milliseconds; nil where that is not known.
    private static func limit(in seen: Observation) -> Int? {
        let option = seen.calls(.setsockopt).last { $0.argument(2) == "SO_RCVTIMEO" && $0.result == 0 }
        if let time = option?.argument(3), time.hasSuffix("ms") {
            return Int(time.dropLast(2))
        }
        let poll = (seen.calls(.poll) + seen.blockedCalls.filter { $0.family == .poll }).last
        return poll?.argument(1).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// The program did not give up as it should.
    init(ofGivingUp seen: Observation, _ server: SocketAddress, _ output: String) {
        let said = seen.errorText.split(separator: "\n").first { $0.hasPrefix("no reply from ") }
        if seen.outputText.contains("no reply from") {
            text = "it belongs on standard error: standard output is for the replies"
        } else if seen.ending == .exited(0) {
            text = "exit status 0 says that every line was answered"
        } else if seen.ending == nil, seen.calls(.send).count == 3 {
            text = "there was no reply to the third, and the program waits on"
        } else if seen.calls(.send).count > 4 {
            text = "a line is sent three times, and then the program gives up"
        } else if let said, !said.hasSuffix(" \(server)") {
            text = "the address is told in numbers, \(server), whatever the program was given"
        } else if seen.errorText.contains(": \(Errno(EAGAIN))") {
            text = "EAGAIN is how recv(2) tells that nothing came in time, and no failure"
        } else if seen.outputText != output, seen.ending == .exited(1) {
            text = "standard output is for the replies, each with a newline"
        } else {
            text = nil
        }
    }

    // MARK: - What the client makes of replies

    /// What came out is not what was sent back, or not all.
    init(ofOutput seen: Observation, replies: [String]) {
        let lines = seen.outputText.components(separatedBy: "\n").dropLast()
        let output = replies.map { $0 + "\n" }.joined()
        let stray = lines.enumerated().first {
            !replies.indices.contains($0.offset) || replies[$0.offset] != $0.element
        }
        if let cause = Self.ofSignal(seen) {
            text = cause
        } else if seen.outputText == output {
            text = seen.ending == nil ? "standard input has ended, and every reply is there" : nil
        } else if seen.outputText == replies.joined() {
            text = "each reply is followed by a newline"
        } else if seen.outputText.hasPrefix("> ") {
            text = "standard output is for the replies alone"
        } else if let stray, replies.contains(stray.element) {
            text = "that reply had come before: one that does not equal the line is dropped"
        } else if stray != nil, !replies.isEmpty {
            text = "a reply that does not equal the line is no answer to it, and is dropped"
        } else {
            text = Self.ofEarlyEnd(seen)
        }
    }

    /// The program gave up although the reply came. Nil: it did not say that it gave up.
    static func ofEarlyEnd(_ seen: Observation) -> String? {
        guard seen.errorText.contains("no reply from"), let sent = seen.calls(.send).last,
            let last = seen.records.last
        else { return nil }
        let others = seen.calls(.recv).filter { $0.time > sent.time && ($0.result ?? -1) >= 0 }
        if !others.isEmpty {
            return "a datagram that does not match is dropped, and the program waits on"
        }
        let waited = last.time - min(sent.time, last.time)
        return waited < 400_000_000 ? "the reply to what was sent last has 500 milliseconds, too" : nil
    }

    /// Nobody has the port, and the program did not say so.
    init(ofRefusal seen: Observation, told call: String) {
        if !call.isEmpty, seen.errorText.contains("no reply from") {
            text = "a refusal is the end of the program: nobody is there to be asked again"
        } else if seen.errorText.contains("no reply from"), seen.calls(.connect).isEmpty, seen.recorderLoaded
        {
            text =
                "the socket is not connected: what ICMP tells reaches one that connect(2) has tied to its peer"
        } else if let failed = seen.records.last(where: { $0.errno == ECONNREFUSED }) {
            text =
                seen.ending == .exited(0)
                ? "exit status 0 says that nothing failed"
                : call.isEmpty
                    ? "\(failed.name)(2) failed with ECONNREFUSED: that is told, and ends the program"
                    : call == failed.name ? nil : "the call that was refused is \(failed.name)(2)"
        } else {
            text = Self.ofStream(seen)
        }
    }
}
