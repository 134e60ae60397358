import Course
import Foundation
import Sockets
import Supervision

extension Subject {
    /// What has been seen of the program, in words: how it ended, or where it stands; and what it wrote.
    func whatHappened() -> String {
        settle()
        let seen = seen
        var sentences: [String] = []
        if let ending = seen.ending {
            sentences.append(Self.words(for: ending))
        } else {
            let call = seen.blockedCalls.first.map { ", in \($0.name)(\(Self.section(of: $0)))" } ?? ""
            sentences.append("it runs on\(call)")
        }
        sentences.append("standard output: \(Self.shortened(seen.outputText))")
        if !seen.errors.isEmpty { sentences.append("standard error: \(Self.shortened(seen.errorText))") }
        return sentences.joined(separator: "\n")
    }

    /// The section of the manual that a call stands in.
    private static func section(of call: SocketCall) -> Int {
        ["sleep", "usleep", "getaddrinfo"].contains(call.name) ? 3 : 2
    }

    /// Why a line did not come, where the evidence tells.
    func causeOfSilence() -> String? {
        let seen = seen
        if let cause = causeOfMisplacedLine { return cause }
        switch seen.ending {
        case .signalled(SIGPIPE):
            return
                "sending to a peer that is gone raises SIGPIPE, which ends a program that does not ignore it"
        case .signalled, .limit: return causeOfTrap
        case .exited(64) where [.connect, .echoClient].contains(type(of: test).stage):
            return "the program takes its arguments for wrong: a PORT is a number, or a service's name"
        case .exited(64):
            return
                "the program takes its argument for wrong: a port is any number from 0, by which the kernel chooses, to 65535"
        case .exited:
            return causeOfSecondClose ?? CallCause(seen, arguments: program.launch.arguments).text
                ?? causeOfEndUnasked
        case nil: break
        }
        // A line that is written when the program ends was there all the time, in a buffer.
        let (before, recorded) = (seen.outputLines.count, seen.records.count)
        program.closeInput()
        let flushed = program.wait(.milliseconds(300)) { $0.outputLines.count > before ? true : nil }
        if flushed == nil { return causeOfMissingFirstLine ?? causeOfClientLost }
        let next = program.observed.records.dropFirst(recorded).first {
            [.socket, .bind, .listen, .accept].contains($0.family)
        }
        if let next {
            return "the program waited for the end of standard input before it called \(next.name)(2)"
        }
        return "the line came only when the program ended: into a pipe, print waits until its buffer is full "
            + "(announce, or fflush(stdout), writes at once)"
    }

    /// A status line that came, but not as one.
    private var causeOfMisplacedLine: String? {
        let words = [
            "created socket ", "bound to ", "listening on ", "accepted ", "closed ", "connected to ",
        ]
        func isStatus(_ line: Substring?) -> Bool { words.contains { line?.hasPrefix($0) ?? false } }
        if seen.outputText.last != "\n", isStatus(seen.outputText.split(separator: "\n").last) {
            return "a status line ends with a newline, and this one has none yet"
        }
        return seen.output.isEmpty && seen.errorText.split(separator: "\n").contains(where: isStatus)
            ? "the status line is on standard error: it belongs on standard output" : nil
    }

    /// What Swift said when it stopped the program; nil where it did not.
    var causeOfTrap: String? {
        guard case .signalled = seen.ending else { return nil }
        return seen.errorText.split(separator: "\n").first { $0.contains("Fatal error") }
            .map { "Swift stopped it: \($0)" }
    }

    /// A server that serves for ever has ended, and it is no failing call that it tells of.
    private var causeOfEndUnasked: String? {
        let endless: [Stage] = [.close, .echoServer, .capitalise, .fork, .poll]
        guard seen.ending == .exited(0), endless.contains(type(of: test).stage) else { return nil }
        return "it ended by itself: neither the end of a client nor that of standard input is the server's"
    }

    /// A server that serves for ever has ended because accept(2) failed.
    var causeOfEndByAccept: String? {
        let endless: [Stage] = [.echoServer, .capitalise, .fork, .poll]
        guard endless.contains(type(of: test).stage), case .exited = seen.ending,
            let last = seen.records.last(where: { $0.hasReturned && $0.family != .exit }),
            last.family == .accept, let errno = last.errno, ![EINTR, EAGAIN].contains(errno)
        else { return nil }
        return Self.causeOfEnd(by: "\(last.name)(2) failed: \(Errno(errno))")
    }

    static func causeOfEnd(by failure: String) -> String {
        failure + "; it may be otherwise next time, and the server goes on"
    }

    /// A server that waits for clients has printed its line, or else it is still in a buffer.
    private var causeOfMissingFirstLine: String? {
        let listens = seen.calls(.listen).contains { $0.result == 0 }
        guard seen.output.isEmpty, listens, let call = seen.blockedCall(.accept) ?? seen.blockedCall(.poll)
        else { return nil }
        return
            "the program is in \(call.name)(2) by now: if it has printed the line, then into a buffer, for "
            + "into a pipe print waits until its buffer is full (announce, or fflush(stdout), writes at once)"
    }

    /// A server that accepts one client after another has let go of the one before.
    private var causeOfClientLost: String? {
        guard let call = seen.blockedCall(.accept), seen.blockedCalls.count == 1,
            let client = seen.calls(.accept).last(where: { $0.errno == nil })?.result,
            !seen.calls(.recv).contains(where: { $0.descriptor.map(Int.init) == client }),
            !seen.closes(Int32(client), in: call.process)
        else { return nil }
        return "\(call.name)(2) had returned a client, \(client), and was called again"
    }

    static func words(for ending: Ending) -> String {
        switch ending {
        case .exited(let status): "it ended with exit status \(status)"
        case .signalled(let signal): "it was ended by \(name(ofSignal: signal))"
        case .limit(let limit): "it was ended: \(words(for: limit))"
        }
    }

    private static func words(for limit: Ending.Limit) -> String {
        switch limit {
        case .wall: "it ran for too long"
        case .processorTime: "it used too much processor time"
        case .memory: "it used too much memory"
        case .processes: "it started too many processes"
        case .fileSize: "it wrote too large a file"
        case .output: "it wrote too much"
        }
    }

    private static func name(ofSignal signal: Int32) -> String {
        let names: [Int32: String] = [
            SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL (a trap of Swift's)",
            SIGINT: "SIGINT", SIGKILL: "SIGKILL", SIGPIPE: "SIGPIPE",
            SIGSEGV: "SIGSEGV (a pointer gone astray)",
            SIGTERM: "SIGTERM", SIGTRAP: "SIGTRAP (a trap of Swift's)",
        ]
        return names[signal] ?? "signal \(signal)"
    }

    /// How it began, and what came last: that is what it ended with.
    private static func shortened(_ text: String) -> String {
        let (first, last) = (120, 280)
        if text.count <= first + last { return quoted(text) }
        return quoted(String(text.prefix(first))) + " … " + quoted(String(text.suffix(last)))
    }
}
