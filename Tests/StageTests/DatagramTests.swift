import Course
import Foundation
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 13: a server and a client that speak by datagrams, each packet on its own.
final class DatagramTests: StageTestCase {
    override class var stage: Stage { .datagram }

    /// Everything else depends on this one.
    func testStep1AnswersADatagram() throws {
        let server = try startDatagramServer()
        try server.expectReply(to: Array("hello".utf8), by: try server.client(), "a datagram, \"hello\"")
    }

    // MARK: Where the server is

    func testStep1BindsThePortThatItIsTold() throws {
        let (subject, port) = try runOnFreeDatagramPort()
        try subject.expectLine(0, "bound to 127.0.0.1:\(port)") {
            PlaceCause(ofLine: $0, instead: port, subject.seen).text
        }
        let server = DatagramSubject(subject: subject, address: .loopback(port))
        try server.expectReply(to: Array("hello".utf8), by: try server.client(), "a datagram")
    }

    func testStep1BindsNoOtherAddress_Datagram() throws {
        let server = try startDatagramServer()
        let other = try XCTUnwrap(SocketAddress(host: Self.unusedHost, port: server.address.port))
        let client = try DatagramPeer(connectedTo: other, log: peers)
        try client.send(Array("hello".utf8))
        do {
            _ = try client.receive(within: Subject.patience)
        } catch {
            if error.errno == Errno(ECONNREFUSED) { return }
            throw error
        }
        throw server.subject.failure(
            did: "sent a datagram to \(other)",
            expected: "connection refused: it has 127.0.0.1 alone",
            saw: "somebody is there",
            cause: PlaceCause(ofOtherAddress: server.subject.seen).text
        )
    }

    func testStep1IsRefusedAPortThatIsTaken_Datagram() throws {
        let other = try DatagramPeer(log: peers)
        try expectTaken(try run("\(other.address.port)"))
    }

    func testStep1ReportsASocketThatCouldNotBeMade_Datagram() throws {
        try checkReportsASocketThatCouldNotBeMade()
    }

    func testStep1RefusesWrongArguments_DatagramServer() throws {
        try checkRefuses(Self.wrongPorts)
    }

    // MARK: How it serves

    func testStep2AnswersEachToItsOwnSender() throws {
        let server = try startDatagramServer()
        let clients = try ["127.0.0.1", "127.0.0.3", "127.0.0.1"].map { try server.client(from: $0) }
        // The first comes alone: a socket that is connected to it hears nobody else.
        try server.expectReply(to: Array("hello".utf8), by: clients[0], "a datagram")
        // Stopped, it finds all others in its queue.
        server.subject.stop()
        let did = "sent three datagrams each by three clients, in turns"
        for round in 1...3 {
            for (index, client) in clients.enumerated() {
                try server.send(Array("datagram \(round) of client \(index + 1)".utf8), by: client, did)
            }
        }
        server.subject.program.signal(SIGCONT)
        for (index, client) in clients.enumerated() {
            try server.expectReplies(
                (1...3).map { Array("datagram \($0) of client \(index + 1)".utf8) },
                to: client,
                did: did,
                expected: "client \(index + 1) gets its own three back, and nothing else"
            )
        }
    }

    func testStep2GoesOnWhenASenderHasGone() throws {
        let server = try startDatagramServer()
        let did = "sent datagrams from sockets that were closed at once, where the replies are refused"
        for _ in 1...3 {
            let client = try server.client()
            // Stopped, it answers when nobody is there any more.
            server.subject.stop()
            try client.send(Array("and goodbye".utf8))
            _ = consume client
            server.subject.program.signal(SIGCONT)
            server.subject.waitUntilItWaits()
        }
        try server.expectReply(to: Array("hello".utf8), by: try server.client(), "another", after: did)
    }

    func testStep2GoesOnWhenAReplyCanNotBeSent() throws {
        let server = try startDatagramServer(faults: [.init(.send, 1, "ENOBUFS")])
        let client = try server.client()
        try client.send(Array("hello".utf8))
        _ = try client.receive(within: .milliseconds(300))
        try server.expectReply(
            to: Array("and goodbye".utf8),
            by: client,
            "a datagram",
            after: "made sendto(2) fail with ENOBUFS"
        )
        try server.subject.needsFault(in: [.send])
        try server.subject.expectOutput(["bound to \(server.address)"])
    }

    func testStep2EndsOnASignal() throws {
        for signal in EndingSignal.allCases {
            let server = try startDatagramServer()
            if signal == .terminate {
                let client = try server.client()
                try server.expectReply(to: Array("hello".utf8), by: client, "a datagram")
            }
            try server.subject.expectEnd(by: signal, while: "it waited for a datagram")
            try server.subject.expectOutput(["bound to \(server.address)"])
        }
    }

    func testStep2WaitsWithoutBurningProcessorTime_DatagramServer() throws {
        let server = try startDatagramServer()
        try server.subject.expectIdle(while: "no datagram has come")
        try server.expectReply(to: Array("hello".utf8), by: try server.client(), "a datagram")
        try server.subject.expectIdle(while: "no other datagram has come")
    }

    // MARK: What it receives and sends

    func testStep3TakesTheLargestDatagram() throws {
        let server = try startDatagramServer()
        try server.expectReply(
            to: Payload.pattern(count: Datagram.largest),
            by: try server.client(),
            "a datagram of 65,507 bytes, the most that there are"
        )
    }

    func testStep3TakesAnEmptyDatagram() throws {
        let server = try startDatagramServer()
        let client = try server.client()
        for _ in 1...2 { try server.expectReply(to: [], by: client, "a datagram of no bytes") }
        try server.expectReply(to: [1], by: client, "a datagram of one byte, after an empty one")
    }

    func testStep3ReceivesAgainAfterASignal_DatagramServer() throws {
        let server = try startDatagramServer(faults: .interrupting(.recv) + .interrupting(.poll))
        let client = try server.client()
        for text in ["one", "two", "three"] {
            try server.expectReply(
                to: Array(text.utf8),
                by: client,
                "a datagram, while signals interrupt recvfrom(2)"
            )
        }
        // What errno says of an earlier call is no news of this one.
        try server.expectReply(to: [], by: client, "a datagram of no bytes, after signals")
        try server.subject.needsFault(in: [.recv, .poll])
    }

    func testStep4SendsBackWhatCameAndNoMore() throws {
        let server = try startDatagramServer()
        let client = try server.client()
        try server.expectReply(to: Payload.everyByteValue, by: client, "each of the 256 byte values")
        try server.expectReply(to: [0, 0xFF, 0], by: client, "three bytes, 00 FF 00, after 256")
        for word in Self.partingWords {
            let what = "\(word.debugDescription), which means nothing to this server"
            try server.expectReply(to: Array(word.utf8), by: client, what)
        }
    }

    func testStep4SendsAgainAfterASignal_DatagramServer() throws {
        let server = try startDatagramServer(faults: .interrupting(.send))
        let client = try server.client()
        for text in ["one", "two", "three"] {
            try server.expectReply(
                to: Array(text.utf8),
                by: client,
                "a datagram, while signals interrupt sendto(2)"
            )
        }
        try server.subject.needsFault(in: [.send])
    }
}
