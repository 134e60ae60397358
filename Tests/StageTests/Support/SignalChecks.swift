import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// How a server ends that serves for ever: SIGINT and SIGTERM end it within a second, with status 0, whatever
/// it waits for.
extension StageTestCase {
    func checkEndsOnASignalWhileItWaitsForAClient() throws {
        for signal in EndingSignal.allCases {
            let server = try startServer()
            try server.subject.expectEnd(by: signal, while: "no client was there")
            try server.subject.expectOutput(["listening on \(server.address)"])
        }
    }

    func checkEndsOnASignalWhileAClientSendsNothing() throws {
        for signal in EndingSignal.allCases {
            let (server, client) = try startServerWithClient()
            try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line")
            try server.subject.expectEnd(by: signal, while: "a connected client sent nothing")
            try server.expectNothingMoreThanClosed(client)
        }
    }

    func checkEndsOnASignalWhileAClientDoesNotRead() throws {
        for signal in EndingSignal.allCases {
            let (server, client) = try startServerWithClient(buffers: .small)
            try server.fillBuffers(by: client)
            try server.subject.expectEnd(by: signal, while: "a client did not read its echo")
            try server.expectNothingMoreThanClosed(client)
        }
    }
}

/// A signal by which people and systems ask a program to end.
enum EndingSignal: String, CaseIterable {
    case interrupt = "SIGINT"
    case terminate = "SIGTERM"

    var number: Int32 { self == .interrupt ? SIGINT : SIGTERM }
}

extension Server {
    /// Has a client send, without reading, until the program can't send back any more: it waits, and takes
    /// nothing.
    func fillBuffers(by client: ScriptedClient) throws {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        // In lines, for servers to which that matters.
        for end in stride(from: 4095, to: bytes.count, by: 4096) { bytes[end] = UInt8(ascii: "\n") }
        // One that holds all that comes would take bytes for ever.
        for _ in 1...8 {
            subject.waitUntilACallWaits()
            if try client.sendAsFarAsItGoes(bytes, quiet: .milliseconds(5)) == 0 { return }
        }
    }

    /// Of a client that is connected when the server ends, a line may tell that its connection is closed.
    fileprivate func expectNothingMoreThanClosed(_ client: ScriptedClient) throws {
        let lines = ["listening on \(address)", "accepted \(client.localAddress)"]
        let withClosed = lines + ["closed \(client.localAddress)"]
        try subject.expectOutput(subject.seen.outputLines == withClosed ? withClosed : lines)
    }
}

extension Subject {
    func expectEnd(by signal: EndingSignal, while situation: String) throws {
        // One that comes before a call has begun to wait interrupts nothing; some programs rely on that it does.
        waitUntilACallWaits()
        let recorded = seen.records.count
        program.signal(signal.number)
        let ending = program.waitForEnding(.milliseconds(1200))
        if ending == .exited(0) { return }
        throw failure(
            did: "sent it \(signal.rawValue) while \(situation)",
            expected: "exit status 0, within a second",
            saw: whatHappened(),
            cause: SignalCause(self, signal, since: recorded).text
        )
    }

    /// Waits until the program has entered a call that waits, and sleeps in it; not for long where it goes on and
    /// on.
    fileprivate func waitUntilACallWaits() {
        _ = program.wait(Self.patience) { seen in
            !seen.blockedCalls.isEmpty || program.processes().first?.state == "S" ? true : nil
        }
        var deadline = Deadline(.milliseconds(500))
        while !program.isIdle(over: .milliseconds(3)), !deadline.hasPassed { deadline.charge() }
    }
}

/// Why a signal did not end a program as it should, where its end, the record or /proc points to it.
private struct SignalCause {
    let text: String?

    /// - Parameter recorded: how many records there were when the signal was sent.
    init(_ subject: Subject, _ signal: EndingSignal, since recorded: Int) {
        let name = signal.rawValue
        switch subject.seen.ending {
        case .signalled(signal.number):
            text = "\(name) is not caught: by default it ends a program, which then has no exit status"
        case .exited(let status):
            text =
                CallCause(subject.seen).text
                ?? "exit status \(status) tells of a failure, and to be asked to end is none"
        case nil: text = Self.causeOfGoingOn(subject, signal, since: recorded)
        default: text = nil
        }
    }

    private static func causeOfGoingOn(_ subject: Subject, _ signal: EndingSignal, since recorded: Int)
        -> String?
    {
        if subject.has(signal.number, in: "SigIgn") { return "\(signal.rawValue) is ignored" }
        if subject.has(signal.number, in: "SigBlk") {
            // While a handler runs, its own signal is blocked.
            if subject.has(signal.number, in: "SigCgt") { return "its handler has not come to its end yet" }
            return "\(signal.rawValue) is blocked, and nothing waits for it"
        }
        if !subject.has(signal.number, in: "SigCgt") { return nil }
        let waits: Set<SocketCall.Family> = [.accept, .recv, .send, .poll]
        let calls = subject.seen.records.filter { waits.contains($0.family) }
        let later = subject.seen.records.dropFirst(recorded)
        if let call = later.first(where: { waits.contains($0.family) && $0.hasReturned }) {
            let result = call.errno == EINTR ? "failed with EINTR" : "returned early"
            return "the signal was caught, and \(call.name)(2) \(result): the program went on all the same"
        }
        guard let call = calls.last, call.phase == .entered else { return nil }
        return
            "the handler returned, and \(call.name)(2) went on waiting: signal(2) has it start again by itself"
    }
}

extension Subject {
    /// Whether the signal is in a set of proc_pid_status(5): `SigIgn`, `SigBlk`, `SigCgt`.
    func has(_ signal: Int32, in set: String) -> Bool {
        let path = "/proc/\(program.processIdentifier)/status"
        let lines = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
        let value = lines.first { $0.hasPrefix("\(set):") }?.split(separator: "\t").last
        return UInt64(value ?? "", radix: 16).map { $0 >> (signal - 1) & 1 == 1 } ?? false
    }
}
