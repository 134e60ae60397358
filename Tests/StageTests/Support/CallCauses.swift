import Foundation
import Supervision

/// Why a call failed that ended the program, where its record points to it.
struct CallCause {
    let text: String?

    /// - Parameter arguments: what the program was given.
    init(_ seen: Observation, arguments: [String] = []) {
        // The call that the program names is the one that it gave up at.
        let named = seen.records.last { call in
            guard call.hasReturned, let errno = call.errno else { return false }
            return seen.hasErrorLine("\(call.name): \(String(cString: strerror(errno)))")
        }
        text =
            Self.causeOfNoFailure(seen)
            ?? named.flatMap { Self.causeOfOtherPort($0, arguments) ?? Self.cause(of: $0, seen) }
    }

    /// The program gave up at a call that had succeeded. What it said of the reason was left in `errno` by
    /// another.
    private static func causeOfNoFailure(_ seen: Observation) -> String? {
        guard seen.ending == .exited(1), let line = seen.errorText.split(separator: "\n").last,
            let last = seen.records.last(where: { $0.hasReturned && line.hasPrefix("\($0.name): ") }),
            last.family != .getaddrinfo, let result = last.result, result >= 0
        else { return nil }
        return "\(last.name)(2) had not failed: it returned \(result), and only -1 tells of a failure"
    }

    private static func cause(of call: SocketCall, _ seen: Observation) -> String? {
        switch (call.family, call.errno) {
        case (.close, EINTR):
            "interrupted, close(2) has closed all the same: that is no failure, and it is not repeated"
        case (.connect, _): ofConnect(call)
        case (_, EINTR):
            "\(call.name)(2) failed with EINTR, which is no failure: the call is made again"
        case (.socket, EPROTONOSUPPORT):
            "it was socket(\(call.arguments.joined(separator: ", "))): the protocol has to be one of that type"
        case (.bind, _): causeOfBind(call, seen)
        case (.listen, EOPNOTSUPP): "that socket is no stream: SOCK_DGRAM is UDP, and SOCK_STREAM is TCP"
        case (.accept, EINVAL): "that socket does not listen: listen(2) comes before accept(2)"
        case (.accept, EFAULT): "accept(2) writes the length too: where it gets an address, that is no nil"
        case (_, EAGAIN) where seen.timeoutThatIsOver != nil: seen.timeoutThatIsOver
        case (.accept, EAGAIN): "the socket is O_NONBLOCK: accept(2) does not wait for a client"
        case (.setsockopt, EINVAL) where call.arguments.last?.hasSuffix(" bytes") == true:
            "its last argument is the size of the value: MemoryLayout<Int32>.size, which is 4"
        case (.setsockopt, _) where call.arguments.count > 1 && call.arguments[1] != "SOL_SOCKET":
            "SO_REUSEADDR is an option of the level SOL_SOCKET, not of \(call.argument(1) ?? "")"
        case (_, EBADF) where call.descriptor == -1:
            "-1 is no descriptor: it is what a call returns that failed"
        case (_, EBADF) where seen.closes(call.descriptor, in: call.process):
            seen.calls(.listen).contains { $0.descriptor == call.descriptor }
                ? "close(2) was called on the listening socket" : "close(2) was called on that socket before"
        case (_, ENOTSOCK): "descriptor \(call.descriptor ?? 0) is no socket"
        case (_, EBADF): "descriptor \(call.descriptor ?? 0) is not open"
        default: nil
        }
    }

    /// The port is taken, but it is not the one that was asked for.
    private static func causeOfOtherPort(_ call: SocketCall, _ arguments: [String]) -> String? {
        guard call.family == .bind, call.errno == EADDRINUSE, call.arguments.count > 1,
            let port = arguments.first.flatMap({ UInt16($0) }),
            call.argument(1)?.hasSuffix(":\(port)") == false
        else { return nil }
        if call.argument(1)?.hasSuffix(":\(port.byteSwapped)") == true {
            return
                "bind(2) was called for port \(port.byteSwapped), which is \(port) with its two bytes swapped:"
                + " sin_port is in network byte order"
        }
        return
            "bind(2) was called for \(call.argument(1) ?? ""), not for \(port), the port that the program was given"
    }

    private static func causeOfBind(_ call: SocketCall, _ seen: Observation) -> String? {
        guard call.arguments.count > 2 else { return nil }
        let (address, length) = (call.argument(1) ?? "", call.argument(2) ?? "")
        switch call.errno {
        case EADDRNOTAVAIL where address.hasPrefix("1.0.0.127:"):
            return "1.0.0.127 is 127.0.0.1 with its bytes swapped: s_addr is in network byte order"
        case EAFNOSUPPORT:
            return "sin_family has to be AF_INET, as for socket(2)"
        case EINVAL where length != "16":
            return "bind(2) was told the length \(length): it is MemoryLayout<sockaddr_in>.size, which is 16"
        case EINVAL where seen.calls(.listen).contains { $0.result == 0 && $0.descriptor == call.descriptor }:
            return "listen(2) was called before bind(2), and chose a port by itself"
        case EINVAL where seen.calls(.bind).contains { $0.result == 0 && $0.descriptor == call.descriptor }:
            return "the socket was bound already: bind(2) is called once"
        default: return nil
        }
    }
}

extension Observation {
    /// What a program has to know of a call that gave up after the time of SO_RCVTIMEO or SO_SNDTIMEO; nil where
    /// none did.
    var timeoutThatIsOver: String? {
        let expired = records.last {
            $0.phase == .returnedOnRequest && $0.errno == EAGAIN
                && [.accept, .recv, .send].contains($0.family)
        }
        guard let expired else { return nil }
        let option = expired.family == .send ? "SO_SNDTIMEO" : "SO_RCVTIMEO"
        guard calls(.setsockopt).contains(where: { $0.arguments.contains(option) }) else { return nil }
        return
            "\(expired.name)(2) failed with EAGAIN, since the time of \(option) was over: that is nobody's end"
    }
}

/// Whether a line ends with what strerror(3) says of some errno.
private func isReason(_ line: Substring) -> Bool {
    (Int32(1)...133).contains { line.hasSuffix(": \(String(cString: strerror($0)))") }
}

/// Why a program that a failed call had to end did not say so as it should, where what it wrote, how it
/// ended, or the record points to it.
struct ReportCause {
    let text: String?

    /// - Parameters:
    ///   - names: the call, by the names by which the program made it.
    ///   - reason: what strerror(3) says.
    ///   - output: what it should have written to standard output.
    init(_ seen: Observation, names: [String], _ reason: String, output: String = "") {
        let errors = seen.errorText.split(separator: "\n")
        let name = names.first ?? "the call"
        let call = "\(name)(\(name == "getaddrinfo" ? 3 : 2))"
        if seen.recorderLoaded, !seen.records.contains(where: { names.contains($0.name) }) {
            text = "\(call) was not called"
        } else if seen.outputText.contains(reason) {
            text = "what went wrong belongs on standard error"
        } else if seen.outputText != output {
            text =
                "the line tells of something that has not happened: the call comes first, and its result is read"
        } else if seen.ending == nil {
            text = "\(call) returned -1, and the program went on"
        } else if names.contains(where: { seen.hasErrorLine("\($0): \(reason)") }) {
            text = seen.ending == .exited(0) ? "exit status 0 says that nothing failed" : nil
        } else if let line = errors.first(where: { line in names.contains { line.hasPrefix("\($0): ") } }) {
            text =
                isReason(line)
                ? "\"\(line)\" is the reason of another call: errno was read too late, after that call had changed it"
                : "behind the name of the call stands what strerror(3) says: \(reason)"
        } else if errors.contains(where: { $0.hasSuffix(reason) }) {
            text = "the line begins with the name of the call that failed, \(name)"
        } else if case .signalled = seen.ending {
            text = "\(call) returned -1, and the program ended by what it did with that"
        } else if seen.records.contains(where: { $0.errno == EBADF && $0.descriptor == -1 }) {
            text = "-1 is no descriptor: it is what \(call) returned, and that was not read"
        } else if let cause = CallCause(seen).text {
            // It went on, to a call that failed for want of this one.
            text = cause
        } else {
            text =
                seen.ending == .exited(1)
                ? "what perror(3) writes is missing: the name of the call, a colon, the reason" : nil
        }
    }
}
