import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// A client under test and the suite's own server: bytes go into the client's standard input, come to the
/// server, go back, and come out at the client's standard output. Each of the four is a verb, so a check can
/// hold them up wherever it likes.
final class ClientSession {
    let subject: Subject
    /// The server's end of the connection.
    let server: ScriptedClient
    /// What has gone into standard input.
    private(set) var input: [UInt8]
    /// What has come to the server.
    private(set) var arrived: [UInt8] = []
    /// What the server has sent back.
    private(set) var echo: [UInt8] = []
    private var inputHasEnded: Bool
    private let writer = DispatchQueue(label: "standard input")

    /// - Parameter file: what standard input brings, where that is a file; otherwise a pipe, still empty.
    init(_ subject: Subject, _ server: ScriptedClient, file: [UInt8]? = nil) {
        (input, inputHasEnded) = (file ?? [], file != nil)
        self.subject = subject
        self.server = server
        server.isHopeless = subject.hopelessness()
    }

    // MARK: - Into the client

    /// Writes to the client's standard input, which stays open.
    func write(_ bytes: some Collection<UInt8>) throws {
        input += bytes
        do {
            try subject.program.send(bytes, within: Subject.patience)
        } catch {
            throw subject.failure(
                did: "wrote \(bytes.count) bytes to its standard input",
                expected: "it reads them",
                saw: subject.whatHappened(),
                cause: ClientCause(ofInput: input, arrived: arrived, subject.seen).text
            )
        }
    }

    func write(_ text: String) throws {
        try write(Array(text.utf8))
    }

    /// Writes to the client's standard input as fast as it reads, behind what was written so before, while
    /// the check goes on. The answer tells when the pipe has taken all of it.
    @discardableResult
    func writeInBackground(_ bytes: [UInt8]) -> DispatchGroup {
        input += bytes
        let program = subject.program
        let isWritten = DispatchGroup()
        // Where the client does not read on, its end makes this fail: the check says so by what comes of it.
        writer.async(group: isWritten) { try? program.send(bytes, within: .seconds(60)) }
        return isWritten
    }

    /// Writes to the client's standard input until it reads no more of it: nobody takes it at the other end,
    /// so it goes as far as the buffers on the way hold. How much that is, the kernel makes up as it goes.
    func fillBuffers() {
        let line = Payload.line(count: 64_000)
        var (deadline, hope) = (Deadline(Subject.patience), Hope())
        for _ in 1...128 {
            let isWritten = writeInBackground(line)
            var idle = 0
            while idle < 3, isWritten.wait(timeout: .now()) == .timedOut, !deadline.hasPassed,
                !hope.isLost(subject.seen)
            {
                idle = subject.program.isIdle(over: .milliseconds(5)) ? idle + 1 : 0
                deadline.charge()
            }
            if isWritten.wait(timeout: .now()) == .timedOut { break }
        }
        writeInBackground(line)
    }

    /// Ends the client's standard input, once it waits for some: whether one thread of it has begun to receive
    /// when another ends the connection is no matter of luck.
    func endInput() {
        subject.waitUntilItWaits(.milliseconds(300))
        inputHasEnded = true
        subject.program.closeInput()
    }

    /// Ends the client's standard input when it has taken all that is written in the background.
    func endInputBehindWhatIsWritten() {
        inputHasEnded = true
        let program = subject.program
        writer.async { program.closeInput() }
    }

    // MARK: - To the server

    /// Waits until all of the input has come to the server.
    func expectArrival(after did: String) throws {
        let received = try server.receive(count: input.count - arrived.count)
        arrived += received.bytes
        if arrived == input { return }
        throw arrivalFailure(after: did, received.ending)
    }

    /// Waits for the client's end of file at the server, and expects nothing before it.
    func expectEndOfFile(after did: String) throws {
        let received = try server.receiveUntilEnd(atMost: input.count - arrived.count + 4096)
        arrived += received.bytes
        if arrived != input { throw arrivalFailure(after: did, received.ending) }
        if received.ending == .endOfFile { return }
        throw subject.failure(
            did: did,
            expected: "the server's recv(2) returns 0, and the connection stays open the other way",
            saw: received.ending == .stillOpen
                ? "nothing: no FIN comes\n\(subject.whatHappened())" : "\(received.ending)",
            cause: ClientCause(ofMissingEnd: subject.seen).text
        )
    }

    private func arrivalFailure(after did: String, _ ending: ReferenceEcho.Ending) -> any Error {
        let difference = Payload.firstDifference(expected: input, seen: arrived)
        return subject.failure(
            did: did,
            expected: "these \(input.count) bytes come to the server",
            saw: [
                "at the server: \(Received(arrived, ending))",
                difference.map { "they differ at \($0)" } ?? "", subject.whatHappened(),
            ].filter { !$0.isEmpty }.joined(separator: "\n"),
            cause: ClientCause(ofInput: input, arrived: arrived, subject.seen).text ?? causeOfSilence()
        )
    }

    /// What comes only now was held back until then.
    private func causeOfSilence() -> String? {
        guard subject.seen.ending == nil, input.starts(with: arrived) else { return nil }
        if !inputHasEnded, !subject.seen.calls(.shutdown).isEmpty {
            return "shutdown(2) was called before standard input had ended"
        }
        if echo.count < arrived.count, (try? sendBack()) != nil, moreArrives() {
            return "it was sent only when what came before was answered: the next line does not wait for that"
        }
        subject.program.closeInput()
        if moreArrives() {
            return "it was sent only when standard input ended: a line is sent as soon as it is read"
        }
        return ClientCause(ofLostInput: input, arrived: arrived).text
    }

    private func moreArrives() -> Bool {
        let more = try? subject.program.wait(.milliseconds(300)) { _ in
            try server.receiveWhatIsThere().bytes.isEmpty ? nil : true
        }
        return more == true
    }

    // MARK: - Back to the client

    /// Sends back what has come to the server, and takes nothing more until all of it has gone.
    ///
    /// - Parameter limit: at most so many bytes.
    func sendBack(atMost limit: Int = .max) throws {
        try sendBack(Array(arrived[echo.count...].prefix(limit)))
    }

    /// Sends `bytes` back.
    func sendBack(_ bytes: [UInt8]) throws {
        echo += bytes
        let count = try server.sendAsFarAsItGoes(bytes, quiet: Subject.patience)
        if count == bytes.count { return }
        throw subject.failure(
            did: "sent back \(bytes.count) bytes",
            expected: "the client takes them, also while it sends",
            saw: "after \(count) no more would go\n\(subject.whatHappened())",
            cause: causeOfOutput ?? (subject.seen.ending == nil ? nil : ClientCause.endedFirst)
        )
    }

    /// Sends the first `total` bytes of the input back, and takes no more before what has come is gone.
    func sendBackInTurns(of size: Int, _ total: Int, after did: String) throws {
        while echo.count < min(total, input.count) {
            let wanted = min(size, input.count - arrived.count)
            let received = try server.receive(count: wanted)
            arrived += received.bytes
            if !input.starts(with: arrived) || received.bytes.count < wanted {
                throw arrivalFailure(after: did, received.ending)
            }
            try sendBack()
        }
    }

    // MARK: - Out of the client

    /// Waits until standard output is what the server has sent back, no less and no more.
    ///
    /// - Parameter cause: what is known where nothing else is.
    func expectShown(after did: String, cause: String? = nil) throws {
        subject.waitForOutput(echo.count)
        try expectShownByNow(after: did, cause: cause)
    }

    /// Standard output is what the server has sent back: who has waited already need not do so again.
    func expectShownByNow(after did: String, cause: String? = nil) throws {
        let shown = subject.seen.output
        if shown == echo { return }
        throw subject.failure(
            did: did,
            expected: "on standard output exactly what the server sent back, \(echo.count) bytes",
            saw: [
                Payload.firstDifference(expected: echo, seen: shown).map { "they differ at \($0)" } ?? "",
                subject.whatHappened(),
            ].filter { !$0.isEmpty }.joined(separator: "\n"),
            cause: causeOfOutput ?? cause
        )
    }

    /// A line goes all the way round, while the input stays open.
    func expectEcho(of line: String) throws {
        try write(line)
        try expectArrival(after: "wrote the line \(line.debugDescription), and did not end the input")
        try sendBack()
        try expectShown(after: "sent the line \(line.debugDescription) back, with the input still open")
    }

    /// Why standard output is not what the server has sent back, where that is known.
    var causeOfOutput: String? {
        ClientCause(ofOutput: subject.seen.output, echo: echo, input: input, subject.seen).text
    }
}

extension StageTestCase {
    /// Starts the stage's client, and accepts its connection.
    func startSession(
        buffers: ScriptedClient.Buffers = .asEver,
        faults: [Recorder.Fault] = [],
        terminal: Bool = false
    ) throws -> ClientSession {
        let listener = try Listener(buffers: buffers, log: peers)
        let subject = try run(
            listener.address.host,
            "\(listener.port)",
            faults: faults,
            terminal: terminal
        )
        return ClientSession(subject, try accept(subject, from: listener))
    }

    /// Takes the client's connection.
    func accept(_ subject: Subject, from listener: Listener, did: String? = nil) throws -> ScriptedClient {
        // A program that is over makes no connection any more: then there is nothing to wait for.
        let server = try subject.program.wait(Subject.patience) { _ in
            try listener.accept(patience: .milliseconds(5))
        }
        if let server { return server }
        throw subject.failure(
            did: did,
            expected: "a connection to \(listener.address)",
            saw: subject.whatHappened(),
            cause: ConnectCause(subject.seen, to: listener.address).text ?? subject.causeOfSilence()
        )
    }
}
