import Course
import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// A client of datagrams under test and the suite's own server: lines go into its standard input, come as
/// datagrams, are answered or not, and come out again.
///
/// All of the input is written at once, and what comes out is looked at when the program has ended: the
/// contract leaves open how far ahead a client reads, and when it writes out.
final class DatagramSession {
    let subject: Subject
    private var peer: DatagramPeer?
    private let server: SocketAddress
    /// Where the last datagram came from.
    private var client: SocketAddress?
    /// The reply that was sent last. Its line may come once more, where we were slow to answer.
    private var answered: [UInt8]?
    /// When we answered last, in nanoseconds of the monotonic clock.
    private var lastReply: UInt64 = 0

    init(_ subject: Subject, _ peer: DatagramPeer) {
        self.subject = subject
        self.peer = peer
        server = peer.address
    }

    /// Writes to standard input, and ends it.
    func write(_ input: String) {
        let program = subject.program
        // Where the program does not read, what comes of it tells.
        try? program.send(Array(input.utf8), within: Subject.patience)
        program.closeInput()
    }

    // MARK: - What comes

    /// Waits for the datagram of a line.
    func expectDatagram(_ line: String, did: String) throws {
        let line = Array(line.utf8)
        var copies = 0
        while true {
            guard let datagram = try receive(within: Subject.patience) else {
                throw failure(
                    did: did,
                    expected: "a datagram comes: \(described(line))",
                    saw: "none comes\n\(subject.whatHappened())",
                    cause: DatagramCause(subject.seen, ofMissing: line, to: server).text
                        ?? DatagramCause.ofEarlyEnd(subject.seen)
                        ?? (subject.seen.ending == nil ? nil : subject.causeOfSilence())
                )
            }
            if datagram == line { return }
            copies += datagram == answered ? 1 : 0
            // More of them than a client sends that is slow to get its answer.
            if datagram == answered, copies < 100 { continue }
            throw failure(
                did: did,
                expected: "a datagram comes: \(described(line))",
                saw: "\(described(datagram))\n\(subject.whatHappened())",
                cause: DatagramCause(ofLine: line, datagram: datagram, subject.seen).text
            )
        }
    }

    /// Waits for the datagram of a line once more: after 500 milliseconds in which nothing has come.
    func expectAnother(_ line: String, number: Int) throws {
        let line = Array(line.utf8)
        // Ample for 500 milliseconds, and it stretches with the machine.
        let datagram = try receive(within: .milliseconds(900))
        if datagram == line { return }
        throw failure(
            did: "did not answer",
            expected:
                "after 500 milliseconds it comes again, for the \(number == 2 ? "second" : "third") time",
            saw: (datagram.map { "\(described($0))\n" } ?? "") + subject.whatHappened(),
            cause: DatagramCause(ofMissingRepetition: subject.seen).text
        )
    }

    /// Nothing has come by now but copies of `line`; nil: nothing at all.
    func expectNothingBut(_ line: String?) throws {
        let expected = line.map { Array($0.utf8) }
        let others = try (peer?.receiveWhatIsThere() ?? []).filter { $0.bytes != expected }
        guard let other = others.first else { return }
        // What was sent last, where that was no reply to the line.
        let stray = answered.flatMap { $0 == expected ? nil : described($0) }
        throw failure(
            did: line.map {
                "did not answer the line \($0.debugDescription) yet"
                    + (stray.map { ", but sent \($0)" } ?? "")
            } ?? "ended its input",
            expected: line == nil ? "no datagram" : "the next line is not sent before the reply has come",
            saw: described(other.bytes),
            cause: stray.map {
                "\($0) was taken for the reply: that is a datagram with exactly the bytes of the line"
            }
        )
    }

    private func receive(within patience: Duration) throws -> [UInt8]? {
        let subject = subject
        guard let peer,
            let datagram = try peer.receive(within: patience, unless: { subject.seen.ending != nil })
        else { return nil }
        client = datagram.sender
        return datagram.bytes
    }

    // MARK: - What goes back

    /// Sends a datagram to where the last one came from.
    func reply(_ text: String) throws {
        guard let client else { return }
        try peer?.send(Array(text.utf8), to: client)
        answered = Array(text.utf8)
        lastReply = MonotonicTime.now
    }

    /// The same, and then nobody is there any more.
    func replyAndLeave(_ text: String) throws {
        try reply(text)
        peer = nil
    }

    /// Each of `lines` comes, and is answered at once.
    func expectExchange(of lines: [String], did: String = "answered each line") throws {
        for line in lines {
            try expectDatagram(line, did: did)
            try reply(line)
        }
    }

    // MARK: - The end

    /// All is answered: each reply stands on standard output, with a newline, and the exit status is 0.
    func expectOrderlyEnd(_ replies: [String]) throws {
        do {
            try subject.expectDatagramOutput(replies, after: "answered each line")
        } catch {
            try judgeOurselves()
            throw error
        }
    }

    /// The same, where the program ends. After a socket call that failed with EINTR, readLine() may go round
    /// for ever at the end of the input: that is none of the program's doing.
    func expectOrderlyEndIfAny(_ replies: [String]) throws {
        if subject.hasEnded { try expectOrderlyEnd(replies) }
    }

    /// The line was sent three times, and that was all: the program says so.
    func expectGivesUp(after replies: [String]) throws {
        _ = subject.program.waitForEnding(.milliseconds(900))
        let line = "no reply from \(server)"
        let more = try peer?.receiveWhatIsThere() ?? []
        let isRight = subject.seen.ending == .exited(1) && subject.seen.hasErrorLine(line)
        let output = replies.map { $0 + "\n" }.joined()
        if isRight, more.isEmpty, subject.seen.outputText == output { return }
        throw subject.failure(
            did: "answered none of the three",
            expected: "after 500 milliseconds \(line), on standard error, and exit status 1",
            saw: more.isEmpty ? subject.whatHappened() : "it comes once more: \(described(more[0].bytes))",
            cause: more.isEmpty ? DatagramCause(ofGivingUp: subject.seen, server, output).text : nil
        )
    }

    /// Between two datagrams that are the same were at least 500 milliseconds, as far as is recorded.
    func expectNoHaste() throws {
        guard let pause = shortestPause, pause < Self.leastPause else { return }
        throw subject.failure(
            expected: "it is sent again when nothing has come for 500 milliseconds",
            saw: "it was sent again after \(pause / 1_000_000) milliseconds",
            cause: DatagramCause(ofHaste: subject.seen).text
        )
    }

    /// Of the times that clients waited in vain for the first time, one at least was not much longer than 500
    /// milliseconds, as far as is recorded, and so for the second time: a busy machine makes some of them longer,
    /// but not each.
    static func expectNoDelay(of sessions: [DatagramSession]) throws {
        for (index, time) in ["second", "third"].enumerated() {
            let pauses = sessions.compactMap { $0.pauses.dropFirst(index).first }
            guard let pause = pauses.min(), pause >= 950_000_000, let session = sessions.first else {
                continue
            }
            throw session.subject.failure(
                did: "did not answer",
                expected: "it is sent again when nothing has come for 500 milliseconds",
                saw:
                    "it was sent for the \(time) time after \(pause / 1_000_000) milliseconds, and never sooner",
                cause: DatagramCause(ofDelay: session.subject.seen).text
            )
        }
    }

    /// Clocks tick, and some wake a little early.
    private static let leastPause: UInt64 = 450_000_000

    private var shortestPause: UInt64? { pauses.min() }

    /// Of the calls that sent the same data as the one before, how long after it each came.
    private var pauses: [UInt64] {
        let sends = subject.seen.calls(.send).filter { $0.errno == nil }
        return zip(sends, sends.dropFirst()).filter { $0.argument(1) == $1.argument(1) }
            .map { $1.time - min($0.time, $1.time) }
    }

    /// While it waited it did not ask again and again, as far as is recorded: now and then a millisecond
    /// apart would be few enough.
    func expectFewCalls() throws {
        let calls = Dictionary(grouping: subject.seen.calls(.recv) + subject.seen.calls(.poll), by: \.name)
        guard let busiest = calls.max(by: { $0.value.count < $1.value.count }), busiest.value.count > 600
        else { return }
        throw subject.failure(
            did: "did not answer",
            expected: "it waits in a call, and uses no processor time",
            saw: "it runs all the time",
            cause: "\(busiest.key)(2) was called \(busiest.value.count) times"
        )
    }

    // MARK: - Failing

    private func failure(did: String, expected: String, saw: String, cause: String? = nil) -> any Error {
        do {
            try expectNoHaste()
            try judgeOurselves()
        } catch {
            return error
        }
        return subject.failure(did: did, expected: expected, saw: saw, cause: cause)
    }

    /// A machine that leaves the suite no time to answer makes a right client give up: that says nothing
    /// about it.
    private func judgeOurselves() throws {
        let sends = subject.seen.calls(.send).filter { $0.errno == nil }
        guard subject.seen.errorText.contains("no reply from"), lastReply > 0, sends.count > 2 else { return }
        let first = sends[sends.count - 3].time
        if lastReply > first + 3 * Self.leastPause {
            throw subject.test.stop(.couldNotRun, "this machine was too busy to answer the program in time")
        }
    }
}

extension StageTestCase {
    /// The second program of the stage.
    static var client: Program { stage.programs[stage.programs.count - 1] }

    /// Starts the client with `lines` for its input, each with a newline.
    func startDatagramSession(
        with peer: DatagramPeer? = nil,
        named name: String? = nil,
        service: String? = nil,
        lines: [String],
        faults: [Recorder.Fault] = []
    ) throws -> DatagramSession {
        let input = lines.map { $0 + "\n" }.joined()
        return try startDatagramSession(
            with: peer,
            named: name,
            service: service,
            input: input,
            faults: faults
        )
    }

    /// Starts the client for a server of the suite's own.
    ///
    /// - Parameters:
    ///   - peer: the server; nil: one on 127.0.0.1.
    ///   - name: what getaddrinfo(3) answers with 127.0.0.1; nil: the program is given the server's address.
    ///   - service: the name of its port; nil: the number.
    func startDatagramSession(
        with peer: DatagramPeer? = nil,
        named name: String? = nil,
        service: String? = nil,
        input: String,
        endsInput: Bool = true,
        faults: [Recorder.Fault] = []
    ) throws -> DatagramSession {
        program = Self.client
        let peer = try peer ?? DatagramPeer(log: peers)
        if name != nil, Subject.recorder == nil {
            throw stop(.couldNotRun, "the recorder of socket calls is not built")
        }
        let subject = try run(
            name ?? peer.address.host,
            service ?? "\(peer.address.port)",
            faults: faults,
            hosts: name.map { _ in ["127.0.0.1"] }
        )
        let session = DatagramSession(subject, peer)
        if endsInput { session.write(input) }
        if name != nil { try subject.needsLookup() }
        return session
    }
}
