import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// A program under test that has said where it listens.
struct Server {
    let subject: Subject
    let address: SocketAddress

    /// Connects a client, which a server that listens can't refuse.
    ///
    /// - Parameters:
    ///   - host: the address to connect from: any of 127.0.0.0/8.
    ///   - buffers: small ones make a client that reads late.
    ///   - drawn: whether what it does is kept, to be drawn.
    func connect(
        from host: String? = nil,
        buffers: ScriptedClient.Buffers = .asEver,
        drawn: Bool = true
    ) throws -> ScriptedClient {
        do {
            return try client(from: host, buffers, drawn)
        } catch {
            if error.call != "connect" { throw error }
            throw subject.failure(
                did: "connected to \(address)",
                expected: "the connection is made",
                saw: subject.hasEnded ? "\(error.errno)\n\(subject.whatHappened())" : "\(error.errno)",
                cause: cause(of: error)
            )
        }
    }

    /// Connects, and once more where that is refused: one that says too early that it listens may be there by
    /// then, and a verdict is no matter of luck.
    private func client(
        from host: String?,
        _ buffers: ScriptedClient.Buffers,
        _ drawn: Bool
    ) throws(SocketError) -> ScriptedClient {
        // Of a crowd each takes the port that the kernel gives it: there are too few to draw from.
        let local = host ?? (drawn && address.host == "127.0.0.1" ? "127.0.0.1" : nil)
        func attempt() throws(SocketError) -> ScriptedClient {
            // The port of a program that has ended may be another's by now, who would answer.
            if subject.seen.ending != nil { throw SocketError(call: "connect", errno: Errno(ECONNREFUSED)) }
            return try ScriptedClient(
                connectingTo: address,
                from: local.flatMap { SocketAddress(host: $0, port: 0) },
                buffers: buffers,
                patience: Subject.patience,
                log: drawn ? subject.test.peers : nil
            )
        }
        let client: ScriptedClient
        do {
            client = try attempt()
        } catch {
            if error.errno.rawValue != ECONNREFUSED { throw error }
            subject.waitUntilItWaits()
            client = try attempt()
        }
        client.isHopeless = subject.hopelessness()
        return client
    }

    private func cause(of error: SocketError) -> String? {
        switch error.errno.name {
        case "ECONNREFUSED", "ECONNRESET":
            return subject.causeOfTrap ?? subject.causeOfEndByAccept
                ?? PlaceCause(ofRefusal: subject.seen, at: address).text
        case "ETIMEDOUT": return "the queue is full: its length is the second argument of listen(2)"
        default: return nil
        }
    }

    /// Waits for the line that tells that `client` was accepted.
    func expectAccepted(_ client: ScriptedClient, line index: Int) throws {
        try subject.expectLine(index, "accepted \(client.localAddress)") { line in
            PlaceCause(ofPeerLine: line, "accepted", client.localAddress, server: address).text
        }
    }

    /// Waits for the line that tells that the connection of `client` is closed.
    func expectClosed(_ client: ScriptedClient, line index: Int) throws {
        try subject.expectLine(index, "closed \(client.localAddress)") { line in
            PlaceCause(ofPeerLine: line, "closed", client.localAddress, server: address).text
        } silence: {
            EndCause(subject.seen, .stillOpen).text
        }
    }

    // MARK: - Echo

    /// Sends `bytes`, and expects exactly the stage's answer to them: of an echo server, the same.
    ///
    /// - Parameter what: how a message calls them.
    func expectEcho(of bytes: [UInt8], by client: ScriptedClient, _ what: String) throws {
        let received = try client.exchange(bytes)
        if received.bytes == subject.test.answer(to: bytes) { return }
        throw echoFailure(sent: bytes, received, did: "sent \(what)")
    }

    /// Ends the client's side, and expects the server to do the same.
    func expectEndOfFile(_ client: ScriptedClient) throws {
        try client.halfClose()
        try expectRest([], of: client)
    }

    /// Expects of a connection whose client's side is ended the answer to `bytes`, which is still to come, and
    /// then the server's end of file, not a reset.
    func expectRest(_ bytes: [UInt8], of client: ScriptedClient) throws {
        let received = try client.receiveUntilEnd()
        let answer = subject.test.answer(to: bytes)
        if received == Received(answer, .endOfFile) { return }
        let did = "half-closed the connection: the server's recv(2) returns 0"
        if received.bytes != answer { throw echoFailure(sent: bytes, received, did: did) }
        throw subject.failure(
            did: did,
            expected: "the server closes the connection: the client's recv(2) returns 0",
            saw: received.ending == .stillOpen
                ? "nothing: the connection stays open\n\(subject.whatHappened())" : "\(received.ending)",
            cause: EndCause(subject.seen, received.ending).text
        )
    }

    /// - Parameter other: what is known where the bytes and the record tell nothing.
    func echoFailure(
        sent: [UInt8],
        _ received: Received,
        did: String,
        cause other: @autoclosure () -> String? = nil
    ) -> any Error {
        let answer = subject.test.answer(to: sent)
        let difference = Payload.firstDifference(expected: answer, seen: received.bytes)
        return subject.failure(
            did: did,
            expected: answer == sent ? "the same \(byteCount(sent.count)) back" : describe(answer),
            saw: [
                "\(received)", difference.map { "they differ at \($0)" } ?? "",
                received.bytes.count < sent.count ? subject.whatHappened() : "",
            ].filter { !$0.isEmpty }.joined(separator: "\n"),
            cause: subject.causeOfTrap ?? subject.test.causeOfOtherAnswer(received, to: sent, subject.seen)
                ?? EchoCause(subject.seen, sent: answer, received: received.bytes).text
                ?? EndCause(ofReset: subject.seen, received.ending).text
                ?? (subject.seen.ending == nil ? other() : subject.causeOfSilence())
        )
    }
}

extension StageTestCase {
    /// Starts the stage's server on a port that the kernel chooses.
    func startServer(faults: [Recorder.Fault] = [], openFiles: Int? = nil) throws -> Server {
        let (subject, port) = try runOnAnyPort(
            announcing: "listening on",
            faults: faults,
            openFiles: openFiles
        )
        return Server(subject: subject, address: .loopback(port))
    }
}
