import Course
import Foundation
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// The client, steps 5 to 8: it asks, waits for the reply, asks again, gives up.
extension DatagramTests {
    // MARK: Whom it asks

    func testStep5FindsTheServerByItsName() throws {
        let session = try startDatagramSession(named: "server.test", lines: ["hello"])
        try session.expectExchange(of: ["hello"])
        try session.expectOrderlyEnd(["hello"])
    }

    /// The same name and port lead to a server of TCP, too.
    func testStep5AsksForAServerOfDatagrams() throws {
        let other = try PortHolder(listeningOn: .loopback(0))
        guard let peer = try? DatagramPeer(boundTo: .loopback(other.port), log: peers) else {
            throw stop(.couldNotRun, "port \(other.port) of UDP is somebody else's")
        }
        let session = try startDatagramSession(with: peer, lines: ["hello"])
        try session.expectExchange(of: ["hello"], did: "waited on a port where a server of TCP is, too")
        try session.expectOrderlyEnd(["hello"])
    }

    func testStep5FindsAServerOfIPv6_DatagramClient() throws {
        let session = try startDatagramSession(with: datagramPeerOfIPv6(), lines: ["hello"])
        try session.expectExchange(of: ["hello"])
        try session.expectOrderlyEnd(["hello"])
    }

    func testStep5FindsAServiceByItsName_DatagramClient() throws {
        let (peer, service) = try serveAsAService()
        let session = try startDatagramSession(with: peer, service: service, lines: ["hello"])
        try session.expectExchange(of: ["hello"], did: "waited on the port of \(service)")
        try session.expectOrderlyEnd(["hello"])
    }

    func testStep5TellsWhatItDoesNotFind() throws {
        try runWithALine("no-such-host.invalid", "7007", hosts: []).expectLookupFails()
        try runWithALine("127.0.0.1", "no-such-service").expectLookupFails()
        try runWithALine("127.0.0.1", "7007", faults: [.init(.socket, .every, "EMFILE")])
            .expectReport(of: [.socket], "Too many open files", ifFailedBy: "made socket(2) fail")
    }

    /// Runs the client with a line for its input, which it may read before it looks for a server.
    private func runWithALine(
        _ host: String,
        _ service: String,
        faults: [Recorder.Fault] = [],
        hosts: [String]? = nil
    ) throws -> Subject {
        program = Self.client
        let subject = try run(host, service, faults: faults, hosts: hosts)
        try? subject.program.send(Array("hello\n".utf8))
        subject.program.closeInput()
        return subject
    }

    func testStep5RefusesWrongArguments_DatagramClient() throws {
        // Beside a conversation, since what the starter refuses is none of the student's work.
        let session = try startDatagramSession(lines: ["hello"])
        try checkRefuses([[], ["127.0.0.1"], ["127.0.0.1", "7007", "7008"]])
        try session.expectExchange(of: ["hello"])
        try session.expectOrderlyEnd(["hello"])
    }

    // MARK: A reply that does not come

    func testStep6SendsAgainWhenNothingComes() throws {
        let session = try startDatagramSession(lines: ["hello"])
        try session.expectDatagram("hello", did: "wrote the line \"hello\"")
        try session.subject.expectIdle(while: "no reply has come")
        try session.expectAnother("hello", number: 2)
        try session.expectFewCalls()
        try session.reply("hello")
        try session.expectOrderlyEnd(["hello"])
        try session.expectNoHaste()
    }

    /// Three clients at once: of two no line is answered after the first; of one it is, at the third time, and the
    /// next one at the second.
    func testStep7GivesUpAfterTheThird() throws {
        let lines = ["hello", "is anybody there?", "no"]
        let silent = try [
            startDatagramSession(named: "server.test", lines: lines),
            (try? DatagramPeer(boundTo: .loopback6(0), log: peers))
                .map { try startDatagramSession(with: $0, lines: lines) },
        ].compactMap { $0 }
        let late = try startDatagramSession(lines: lines)
        let sessions = silent + [late]
        for session in sessions { try session.expectExchange(of: ["hello"]) }
        for session in sessions { try session.expectDatagram(lines[1], did: "answered the first line") }
        for number in 2...3 {
            for session in sessions.reversed() { try session.expectAnother(lines[1], number: number) }
        }
        try late.reply(lines[1])
        try late.expectDatagram(lines[2], did: "answered the second line")
        try late.expectAnother(lines[2], number: 2)
        try late.reply(lines[2])
        try late.expectOrderlyEnd(lines)
        for session in silent { try session.expectGivesUp(after: ["hello"]) }
        for session in sessions { try session.expectNoHaste() }
        try DatagramSession.expectNoDelay(of: sessions)
    }

    /// Where the wait can't be limited in the way that the program chose, it says so, or it is limited all the
    /// same.
    func testStep6ReportsATimeOutThatCanNotBeSet() throws {
        let faults = [Recorder.Fault(.setsockopt, .every, "ENOBUFS")]
        let session = try startDatagramSession(lines: ["hello"], faults: faults)
        if session.subject.program.waitForEnding(.seconds(3)) == .exited(1),
            session.subject.seen.errorText.contains("no reply from")
        {
            return
        }
        // Who limits it otherwise is judged elsewhere.
        if session.subject.seen.ending != nil, session.subject.seen.calls(.setsockopt).isEmpty {
            return try session.subject.needsFault(in: [.setsockopt])
        }
        try session.subject.expectReport(
            of: [.setsockopt],
            "No buffer space available",
            ifFailedBy: "made setsockopt(2) fail with ENOBUFS"
        )
    }

    // MARK: What it sends

    func testStep7SendsEachLineAsADatagram() throws {
        let lines = ["one", "", " two, and three ", "", "Grüße, 世界", "a\0b"] + Self.partingWords
        let session = try startDatagramSession(lines: lines)
        try session.expectExchange(of: lines)
        try session.expectOrderlyEnd(lines)
    }

    func testStep7SendsALastLineWithoutANewline_DatagramClient() throws {
        let session = try startDatagramSession(input: "one\ntwo")
        try session.expectExchange(of: ["one", "two"])
        try session.expectOrderlyEnd(["one", "two"])
    }

    func testStep7SendsTheLongestLine() throws {
        let line = String(decoding: Payload.line(count: Datagram.largest + 1).dropLast(), as: UTF8.self)
        let session = try startDatagramSession(lines: [line])
        try session.expectExchange(of: [line])
        try session.expectOrderlyEnd([line])
    }

    func testStep7TellsALineThatIsTooLong() throws {
        let line = String(repeating: "x", count: Datagram.largest + 1)
        let session = try startDatagramSession(lines: [line])
        try session.subject.expectTooLongTold()
        try session.expectNothingBut(nil)
    }

    func testStep7WaitsForTheReplyBeforeTheNextLine() throws {
        let session = try startDatagramSession(lines: ["one", "two"])
        try session.expectDatagram("one", did: "wrote two lines")
        session.subject.waitUntilItWaits()
        try session.expectNothingBut("one")
        try session.reply("one")
        try session.expectExchange(of: ["two"])
        try session.expectOrderlyEnd(["one", "two"])
    }

    func testStep7SendsAgainAfterASignal_DatagramClient() throws {
        let session = try startDatagramSession(lines: ["one", "two", "three"], faults: .interrupting(.send))
        try session.expectExchange(of: ["one", "two", "three"])
        try session.expectOrderlyEndIfAny(["one", "two", "three"])
        try session.subject.needsFault(in: [.send])
    }

    func testStep7EndsWithItsInput() throws {
        let session = try startDatagramSession(lines: [])
        try session.expectOrderlyEnd([])
        try session.expectNothingBut(nil)
    }

    func testStep7WaitsForInputWithoutBurningProcessorTime() throws {
        let session = try startDatagramSession(input: "", endsInput: false)
        try session.subject.expectIdle(while: "its input is open, and nothing comes there")
        session.write("hello\n")
        try session.expectExchange(of: ["hello"])
        try session.expectOrderlyEnd(["hello"])
    }

    // MARK: What it takes for the reply

    func testStep8DropsRepliesThatDoNotMatch() throws {
        let session = try startDatagramSession(lines: ["hello", "world"])
        try session.expectDatagram("hello", did: "wrote two lines")
        for other in ["", "hell", "hello!", "HELLO", "jello"] { try session.reply(other) }
        session.subject.waitUntilItWaits()
        try session.expectNothingBut("hello")
        try session.reply("hello")
        try session.expectExchange(of: ["world"])
        try session.expectOrderlyEnd(["hello", "world"])
        try session.expectNoHaste()
    }

    func testStep8DropsRepliesThatAreLateOrRepeated() throws {
        let lines = ["one", "two", "", "four"]
        let session = try startDatagramSession(lines: lines)
        for (index, line) in lines.enumerated() {
            try session.expectDatagram(line, did: "answered each line, and that before it again")
            if index > 0 {
                try session.reply(lines[index - 1])
                session.subject.waitUntilItWaits()
                try session.expectNothingBut(line)
            }
            for _ in 1...2 { try session.reply(line) }
        }
        try session.expectOrderlyEnd(lines)
        try session.expectNoHaste()
    }

    /// What is equal as text is not equal as bytes.
    func testStep8ComparesBytes() throws {
        let session = try startDatagramSession(lines: ["\u{E9}", "last"])
        try session.expectDatagram("\u{E9}", did: "wrote two lines")
        try session.reply("e\u{301}")
        session.subject.waitUntilItWaits()
        try session.expectNothingBut("\u{E9}")
        try session.reply("\u{E9}")
        try session.expectExchange(of: ["last"])
        try session.expectOrderlyEnd(["\u{E9}", "last"])
        try session.expectNoHaste()
    }

    func testStep8ComesThroughABadNetwork() throws {
        var losing = DatagramServer.Configuration()
        losing.drop = 3
        losing.copies = 2
        var reordering = DatagramServer.Configuration()
        reordering.reorders = true
        let servers = try [losing, reordering].map { try DatagramServer.start($0) }
        defer { for server in servers { server.stop() } }
        program = Self.client
        let subjects = try servers.map { try run("127.0.0.1", "\($0.port)") }
        // The first reply is held back until the line has come again: that costs 500 milliseconds a line.
        let lines = [["one", "two"], ["one"]]
        for (subject, lines) in zip(subjects, lines) {
            try? subject.program.send(Array(lines.map { $0 + "\n" }.joined().utf8))
            subject.program.closeInput()
        }
        let dids = ["lost every third datagram, and answered the others twice", "turned replies round"]
        for (index, subject) in subjects.enumerated() {
            try subject.expectDatagramOutput(lines[index], after: dids[index])
        }
    }

    func testStep8ReportsARefusal() throws {
        let gone = try DatagramPeer(log: peers).address
        try runWithALine("127.0.0.1", "\(gone.port)").expectRefusalTold(
            after: [],
            did: "started it for a port that nobody has"
        )

        let session = try startDatagramSession(lines: ["one", "two"])
        try session.expectDatagram("one", did: "wrote two lines")
        try session.replyAndLeave("one")
        try session.subject.expectRefusalTold(
            after: ["one"],
            did: "answered the first line, and closed the server's socket"
        )
    }

    func testStep8ReceivesAgainAfterASignal_DatagramClient() throws {
        let faults: [Recorder.Fault] = .interrupting(.recv) + .interrupting(.poll)
        let session = try startDatagramSession(lines: ["one", "two", "three"], faults: faults)
        try session.expectExchange(of: ["one", "two", "three"])
        try session.expectOrderlyEndIfAny(["one", "two", "three"])
        try session.expectNoHaste()
        try session.subject.needsFault(in: [.recv, .poll])
    }
}
