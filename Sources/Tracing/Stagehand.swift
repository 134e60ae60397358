import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// Helps a program and its peers through a rehearsal. Before a peer's call it waits until the program stands
/// in one of its own, so that the drawing shows who waits for whom.
final class Stagehand {
    let program: RunningProgram
    /// What its peers do.
    let log: StepLog
    /// How the program has ended by itself, and when that was noticed.
    private(set) var ended: (Supervision.Ending, time: UInt64)?
    /// How many bytes were typed so far.
    private var typed = 0

    /// How long to wait for something that a right program does at once.
    static let patience = Duration.milliseconds(500)

    init(_ program: RunningProgram, _ log: StepLog) {
        self.program = program
        self.log = log
    }

    /// Waits until the program stands in a call that waits, entered after a peer has last moved anything; or
    /// has written so many status lines.
    func settle(lines: Int = .max) {
        let moved = log.steps.last { [.connect, .send, .shutdown, .reset].contains($0.action) }?.began ?? 0
        _ = program.wait(Self.patience) { seen in
            let waits = seen.blockedCalls.contains {
                [.accept, .recv, .poll].contains($0.family) && $0.time > moved
            }
            return waits || seen.outputLines.count >= lines || seen.ending != nil ? true : nil
        }
    }

    /// The address of the program's first status line.
    func listeningAddress() -> SocketAddress? {
        let line = program.wait(Self.patience) { seen in
            seen.outputLines.first ?? (seen.ending != nil ? "" : nil)
        }
        return line?.split(separator: " ").last.flatMap { SocketAddress(String($0)) }
    }

    func connect(to server: SocketAddress) throws(SocketError) -> ScriptedClient {
        try ScriptedClient(connectingTo: server, patience: Self.patience, log: log)
    }

    /// Sends a line, once the program waits for it, and takes as much back.
    func exchange(_ line: String, by client: ScriptedClient) throws(SocketError) {
        settle()
        _ = try client.exchange(Array(line.utf8))
        settle()
    }

    /// Half-closes, takes what is still to come, and closes.
    func part(with client: ScriptedClient) throws(SocketError) {
        try client.halfClose()
        _ = try client.receiveUntilEnd()
        client.close()
    }

    /// Writes a line to standard input, and waits until as much has come back.
    func type(_ line: String) {
        try? program.send(Array(line.utf8), within: Self.patience)
        typed += line.utf8.count
        _ = program.wait(Self.patience) { $0.output.count >= typed || $0.ending != nil ? true : nil }
    }

    /// Ends standard input, and waits for the program's end.
    func finish() {
        program.closeInput()
        _ = program.waitForEnding(Self.patience)
        noteEnd()
    }

    /// Sends SIGINT, as Ctrl-C does, and waits for the program's end.
    func interrupt() {
        program.signal(SIGINT)
        _ = program.waitForEnding(Self.patience)
        noteEnd()
    }

    /// Notes the end of the program, where it has ended.
    func noteEnd() {
        ended = program.observed.ending.map { ($0, MonotonicTime.now) }
    }
}
