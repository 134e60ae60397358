import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// What every program is asked for, and every server from stage 3 on: each suite has a check of its own for
/// it.
extension StageTestCase {
    /// Wrong arguments: a usage line, nothing on standard output, exit status 64.
    func checkRefuses(_ argumentLists: [[String]]) throws {
        // All at once, then one by one: they do not wait for each other.
        let subjects = try argumentLists.map { try run($0) }
        for subject in subjects { try subject.expectUsage() }
    }

    /// What is no port, in every way that is met in practice.
    static var wrongPorts: [[String]] {
        [
            [], ["7007", "7008"], [""], ["12abc"], ["abc"], ["-1"], ["65536"], ["4294974303"],
            [" 7007"], ["0x1B5F"],
            ["99999999999999999999"],
        ]
    }

    /// Starts the stage's server on a port that is free: it listens there, and says so.
    func startServerOnFreePort() throws -> Server {
        let (subject, port) = try runOnFreePort(announcing: "listening on")
        try subject.expectLine(0, "listening on 127.0.0.1:\(port)") {
            PlaceCause(ofLine: $0, instead: port, subject.seen).text
        }
        try subject.expectIdle(while: "nobody connects")
        return Server(subject: subject, address: .loopback(port))
    }

    /// It listens on the port that it is told, of 127.0.0.1 and nowhere else.
    func checkListensOnThePortThatItIsTold() throws {
        let server = try startServerOnFreePort()
        // Before any client: a server may take one, and then listen no more.
        try server.expectNoOtherAddress()
        _ = try server.connect()
    }

    /// Where somebody listens already, it says so and ends: also where that is another of itself.
    func checkRefusesAPortThatIsTaken() throws {
        let first = try startServer()
        // One that says too early that it listens does so by then.
        first.subject.waitUntilItWaits()
        try expectTaken(try run("\(first.address.port)"))
    }

    /// Started on a port on which somebody listens, the program has to say so and end with status 1.
    func expectTaken(_ subject: Subject) throws {
        let line = subject.program.wait(Subject.patience) { seen in
            seen.ending != nil || !seen.output.isEmpty ? true : nil
        }
        let reported = ["bind", "listen"].contains {
            subject.seen.hasErrorLine("\($0): Address already in use")
        }
        if line != nil, subject.seen.ending == .exited(1), reported, subject.seen.output.isEmpty { return }
        throw subject.failure(
            did: "started it on a port on which another server listens",
            expected: "bind: Address already in use, on standard error, and exit status 1",
            saw: subject.whatHappened(),
            cause: subject.seen.ending == nil && subject.sets("SO_REUSEPORT")
                ? "SO_REUSEPORT lets two servers listen on one port; SO_REUSEADDR does not"
                : ReportCause(subject.seen, names: ["bind"], "Address already in use").text
        )
    }

    /// It starts on a port which an old connection still uses, as after a restart.
    func checkStartsAgainAtOnce() throws {
        // A connection that outlives its listener holds the port as one in TIME_WAIT does, and for as long as
        // we like.
        let old = try OldConnection()
        let subject = try run("\(old.port)")
        if subject.waitForLineOrEnd(), subject.seen.ending == nil {
            return try subject.expectLine(0, "listening on 127.0.0.1:\(old.port)")
        }
        throw subject.failure(
            did: "started it on a port of which an old connection is still there",
            expected: "listening on 127.0.0.1:\(old.port)",
            saw: subject.whatHappened(),
            cause: subject.causeOfFailedRestart()
        )
    }

    /// Runs the program on a port that the kernel chooses, and waits for the line that tells it.
    ///
    /// - Parameter words: what the line says before the address.
    func runOnAnyPort(
        announcing words: String,
        faults: [Recorder.Fault] = [],
        openFiles: Int? = nil
    ) throws -> (Subject, UInt16) {
        let subject = try run("0", faults: faults, openFiles: openFiles)
        let port = try subject.announcedPort(words)
        if port != port.byteSwapped { return (subject, port) }
        // Two bytes that are the same would hide that they were swapped.
        subject.program.end(.kill)
        let another = try run("0", faults: faults, openFiles: openFiles)
        return (another, try another.announcedPort(words))
    }

    /// Runs the program on a port that nobody has. Where somebody took it in between, on another.
    ///
    /// - Parameter words: what its status line says before the address.
    func runOnFreePort(announcing words: String) throws -> (Subject, UInt16) {
        var port = try FreePort.reserve()
        var subject = try run("\(port)")
        for _ in 1...3 {
            if !subject.waitForLineOrEnd() {
                throw subject.failureOfSilence(expected: "\(words) 127.0.0.1:\(port)")
            }
            let isTaken =
                subject.seen.ending == .exited(1) && (try? PortHolder(boundTo: .loopback(port))) == nil
            if !isTaken { break }
            port = try FreePort.reserve()
            subject = try run("\(port)")
        }
        return (subject, port)
    }
}

extension Subject {
    fileprivate func expectUsage() throws {
        let ended = program.wait(Self.patience) { $0.ending != nil || !$0.output.isEmpty ? true : nil }
        let name = commandLine.split(separator: " ").first.map(String.init) ?? ""
        let names = [name, program.launch.executable]
        let hasUsage = seen.errorText.split(separator: "\n").contains { line in
            names.contains { line.hasPrefix("usage: \($0)") }
        }
        if ended != nil, seen.ending == .exited(64), hasUsage, seen.output.isEmpty { return }
        throw failure(
            expected: "usage: \(name) …, on standard error, and exit status 64",
            saw: whatHappened(),
            cause: causeOfMissingUsage(),
            read: .task
        )
    }

    private func causeOfMissingUsage() -> String? {
        if seen.outputText.contains("usage:") { return "the usage line belongs on standard error" }
        if let asked = seen.calls(.bind).first?.arguments.dropFirst().first {
            return "the arguments were not refused: bind(2) was called for \(asked)"
        }
        if let asked = seen.calls(.connect).first?.arguments.dropFirst().first {
            return "the arguments were not refused: connect(2) was called for \(asked)"
        }
        switch seen.ending {
        case nil, .exited(64): return nil
        case .exited(let status):
            return seen.errorText.contains("usage:")
                ? "wrong usage has an exit status of its own, 64; \(status) is another" : nil
        default: return causeOfSilence()
        }
    }

    /// Whether the program has set a socket option, as far as is recorded.
    func sets(_ option: String) -> Bool {
        seen.calls(.setsockopt).contains { $0.result == 0 && $0.arguments.contains(option) }
    }

    fileprivate func causeOfFailedRestart() -> String? {
        guard seen.hasErrorLine("bind: Address already in use"), seen.recorderLoaded else { return nil }
        let calls = seen.records.filter(\.hasReturned)
        let option = calls.firstIndex { $0.family == .setsockopt && $0.arguments.contains("SO_REUSEADDR") }
        let bind = calls.firstIndex { $0.family == .bind }
        guard let option else { return causeOfMissingOption(calls) }
        guard let bind, option < bind else { return "SO_REUSEADDR was set after bind(2): too late for it" }
        if calls[option].result != 0 { return "setsockopt(2) failed" }
        return calls[option].arguments.last == "0" ? "SO_REUSEADDR was set to 0, which is off" : nil
    }
}

/// A call of setsockopt(2) that set something else.
private func causeOfMissingOption(_ calls: [SocketCall]) -> String {
    let other = calls.first { $0.family == .setsockopt && $0.arguments.count > 2 }
    guard let other else { return "SO_REUSEADDR was not set before bind(2)" }
    return
        "SO_REUSEADDR was not set: it was \(other.argument(1) ?? ""), \(other.argument(2) ?? ""), not SOL_SOCKET, SO_REUSEADDR"
}

extension Observation {
    /// Whether `line` is one of the lines on standard error.
    func hasErrorLine(_ line: String) -> Bool {
        errorText.split(separator: "\n").contains { $0 == line }
    }
}

/// A connection whose listener is closed: its port is in use, and nobody listens there.
final class OldConnection {
    let port: UInt16
    private let client: ScriptedClient
    private let connection: Socket.Accepted

    init() throws {
        let listener = try Socket(.inet, .stream)
        try listener.allowReuseOfAddress()
        try listener.bind(to: .loopback(0))
        try listener.listen()
        let address = try listener.localAddress()
        client = try ScriptedClient(connectingTo: address)
        connection = try listener.accept()
        port = address.port
    }
}

extension Server {
    /// It can't be reached at another address of the machine than 127.0.0.1.
    func expectNoOtherAddress() throws {
        let other = try XCTUnwrap(SocketAddress(host: StageTestCase.unusedHost, port: address.port))
        guard Probe(connectingTo: other) == .accepted else { return }
        throw subject.failure(
            did: "connected to \(other)",
            expected: "connection refused: it listens on 127.0.0.1 alone",
            saw: "a connection",
            cause: PlaceCause(ofOtherAddress: subject.seen).text
        )
    }
}
