import ReferenceEcho
import Sockets
import XCTest

/// The reference server of UDP, and what it does to datagrams on request.
final class DatagramServerTests: XCTestCase {
    private let patience = Duration.seconds(5)

    /// Sends each of `texts`, and takes so many replies.
    private func replies(
        to texts: [String],
        count: Int,
        _ change: (inout DatagramServer.Configuration) -> Void = { _ in }
    ) throws -> [String] {
        var configuration = DatagramServer.Configuration()
        change(&configuration)
        let server = try DatagramServer.start(configuration)
        defer { server.stop() }
        let client = try DatagramPeer(connectedTo: server.address)
        for text in texts { try client.send(Array(text.utf8)) }
        let replies = try (0..<count).map { _ in try client.receive(within: patience)?.bytes }
        server.stop()
        XCTAssertEqual(try? client.receiveWhatIsThere().count, 0)
        return replies.map { String(decoding: $0 ?? Array("nothing".utf8), as: UTF8.self) }
    }

    func testEachDatagramComesBack() throws {
        XCTAssertEqual(try replies(to: ["one", "", "three"], count: 3), ["one", "", "three"])
        let server = try DatagramServer.start()
        let client = try DatagramPeer(connectedTo: server.address)
        let bytes = Payload.pattern(count: Datagram.largest)
        try client.send(bytes)
        let reply = try client.receive(within: patience)
        XCTAssertEqual(reply?.bytes, bytes)
        XCTAssertEqual(reply?.sender, server.address)
        XCTAssertThrowsError(try client.send(bytes + [0])) { error in
            XCTAssertEqual((error as? SocketError)?.errno.name, "EMSGSIZE")
        }
    }

    func testDropsTheFirstOfSoMany() throws {
        XCTAssertEqual(try replies(to: ["1", "2", "3", "4"], count: 2) { $0.drop = 2 }, ["2", "4"])
        XCTAssertEqual(try replies(to: ["1", "2"], count: 0) { $0.drop = 1 }, [])
    }

    func testRepeatsReplies() throws {
        XCTAssertEqual(try replies(to: ["1", "2"], count: 4) { $0.copies = 2 }, ["1", "1", "2", "2"])
    }

    func testTurnsRepliesRound() throws {
        XCTAssertEqual(
            try replies(to: ["1", "2", "3", "4"], count: 4) { $0.reorders = true },
            ["2", "1", "4", "3"]
        )
    }

    func testAPortThatNobodyHasRefuses() throws {
        let server = try DatagramServer.start()
        let client = try DatagramPeer(connectedTo: server.address)
        server.stop()
        try client.send([1])
        XCTAssertThrowsError(try client.receive(within: patience)) { error in
            XCTAssertEqual((error as? SocketError)?.errno.name, "ECONNREFUSED")
        }
        XCTAssertThrowsError(try DatagramServer.start(on: client.address)) { error in
            XCTAssertEqual((error as? SocketError)?.errno.name, "EADDRINUSE")
        }
    }
}
