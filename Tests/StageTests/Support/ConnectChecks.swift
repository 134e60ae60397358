import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// What a program that connects is seen to have made: a connection, a line, or a word on why there is none.
extension Subject {
    /// Waits for the line, whatever address it tells, and for the connection, which must be to `server`.
    ///
    /// - Parameter did: what a failure says was done.
    /// - Returns: the server's end of it.
    func expectConnection(to server: Listener, did: String? = nil) throws -> ScriptedClient {
        let line = program.wait(Self.patience) { $0.outputLines.first }
        // The handshake was over before the line was written.
        let connection = try server.accept(patience: .milliseconds(line == nil ? 1 : 500))
        if let connection, let line, line.hasPrefix("connected to ") { return connection }
        throw failure(
            did: did,
            expected: "a connection to \(server.address), and the line connected to \(server.address)",
            saw: (connection == nil ? "no connection\n" : "the connection\n") + whatHappened(),
            cause: ConnectCause(seen, to: server.address).text ?? causeOfSilence()
        )
    }

    /// `server` is at an address behind one that has answered: nobody connects to it.
    func expectNoConnection(to server: Listener, did: String) throws {
        if try !server.hasNext { return }
        throw failure(
            did: did,
            expected: "no connection to \(server.address)",
            saw: "a connection",
            cause: "an address is tried only when the one before it has failed"
        )
    }

    /// Only the one connection was made to `server`.
    func expectNoSecondConnection(to server: Listener, did: String) throws {
        if try !server.hasNext { return }
        throw failure(
            did: did,
            expected: "one connection to \(server.address)",
            saw: "a second one",
            cause: seen.calls(.connect).contains { $0.errno == EINTR }
                ? "interrupted, connect(2) goes on by itself: a second attempt makes a second connection"
                : nil
        )
    }

    /// Waits until the program has closed each TCP socket for which `isLeft` holds.
    func expectClosed(_ isLeft: (HeldSocket) -> Bool, did: String, expected: String) throws {
        var left: [HeldSocket] = []
        let areClosed = try program.wait(.seconds(1)) { _ in
            left = try heldSockets().filter { $0.transport.hasPrefix("TCP") && isLeft($0) }
            return left.isEmpty ? true : nil
        }
        if areClosed == true || left.isEmpty { return }
        let list = left.map { "descriptor \($0.descriptor)\($0.remote.map { ", to \($0)" } ?? "")" }
        throw failure(
            did: did,
            expected: expected,
            saw: "\(left.count) more: \(list.joined(separator: "; "))",
            cause: left.contains { $0.remote != nil }
                ? "once an address has answered, the others are not tried"
                : "a socket whose connect(2) has failed is used up: close(2) gives its descriptor back"
        )
    }

    /// No connection can be made: `connect` and the reason on standard error, exit status 1, no status line.
    func expectConnectFails(_ reason: String, did: String) throws {
        _ = program.wait(Self.patience) { $0.ending != nil || !$0.output.isEmpty ? true : nil }
        if seen.ending == .exited(1), seen.hasErrorLine("connect: \(reason)"), seen.output.isEmpty { return }
        throw failure(
            did: did,
            expected: "connect: \(reason), on standard error, and exit status 1",
            saw: whatHappened(),
            cause: ConnectCause(ofFailureUnseen: seen).text
                ?? ReportCause(seen, names: ["connect"], reason).text ?? causeOfSilence()
        )
    }

    /// getaddrinfo(3) does not know it: what gai_strerror(3) says on standard error, exit status 1.
    func expectLookupFails(did: String? = nil) throws {
        let ended = program.wait(Self.patience) { $0.ending != nil || !$0.output.isEmpty ? true : nil }
        if ended == nil { try needsRecorder() }
        let codes = seen.calls(.getaddrinfo).compactMap(\.result).filter { $0 != 0 }
        let reasons = (codes.isEmpty ? [Int(EAI_NONAME), Int(EAI_SERVICE)] : codes)
            .map { String(cString: gai_strerror(Int32($0))) }
        let isReported = reasons.contains { seen.hasErrorLine("getaddrinfo: \($0)") }
        if seen.ending == .exited(1), isReported, seen.output.isEmpty { return }
        throw failure(
            did: did,
            expected: "getaddrinfo: \(reasons[0]), on standard error, and exit status 1",
            saw: whatHappened(),
            cause: ReportCause(seen, lookup: reasons[0]).text ?? causeOfSilence()
        )
    }
}

extension Subject {
    /// Waits for the line, which must tell `address`.
    ///
    /// - Parameter refused: the address that was tried before it.
    func expectConnectedLine(_ address: SocketAddress, not refused: SocketAddress? = nil) throws {
        try expectLine(
            0,
            "connected to \(address)",
            cause: { LineCause($0, instead: address, refused: refused, seen).text }
        )
    }
}

extension StageTestCase {
    /// Starts the stage's program for a server that does not answer: it waits, and prints nothing.
    func checkWaitsForTheServer(faults: [Recorder.Fault] = []) throws {
        let (server, first) = try listenWithAFullQueue()
        let subject = try runClient(of: server, faults: faults)
        _ = try subject.program.wait(Subject.patience) { seen in
            if seen.ending != nil || !seen.output.isEmpty { return true }
            return try subject.heldSockets().contains { $0.state == .synSent } ? true : nil
        }
        if subject.seen.ending == nil, subject.seen.output.isEmpty {
            try subject.expectIdle(while: "the server has not answered yet")
        }
        withExtendedLifetime(first) {}
        if subject.seen.ending == nil, subject.seen.output.isEmpty { return }
        throw subject.failure(
            did: "started it for a server whose queue is full, and which does not answer yet"
                + (faults.isEmpty ? "" : "; interrupted the calls that wait for it"),
            expected: "it waits, and prints nothing",
            saw: subject.whatHappened(),
            cause: subject.seen.output.isEmpty
                ? ConnectCause(subject.seen, to: server.address).text
                : "the line tells of something that has not happened: the connection is not made yet"
        )
    }
}

extension Observation {
    /// A connect(2) on a socket that was used for another address before; nil where there is none, as far as
    /// is recorded.
    var secondConnect: SocketCall? {
        var addresses: [String: String] = [:]
        for call in records where call.hasReturned {
            let socket = "\(call.process)/\(call.descriptor ?? -1)"
            switch call.family {
            case .socket: addresses["\(call.process)/\(call.result ?? -1)"] = nil
            case .close: addresses[socket] = nil
            case .dup: addresses["\(call.process)/\(call.arguments.last ?? "")"] = nil
            case .connect where call.arguments.count > 1:
                if let earlier = addresses[socket], earlier != call.arguments[1] { return call }
                addresses[socket] = call.arguments[1]
            default: break
            }
        }
        return nil
    }

    /// What ended the connection while the program was to hold it; nil where nothing points to it.
    var causeOfEarlyEnd: String? {
        let connected = calls(.connect).last?.descriptor
        let call = (calls(.shutdown) + calls(.close)).first { $0.descriptor == connected && $0.errno == nil }
        if let call { return "\(call.name)(2) was called on the connection" }
        return ending == nil ? nil : "the program has ended, and its sockets with it"
    }
}

extension StageTestCase {
    /// Starts the stage's program for a server of its own, to which it connects.
    func startConnectedClient() throws -> (Subject, Listener, ScriptedClient) {
        let server = try Listener(log: peers)
        let subject = try runClient(of: server)
        return (subject, server, try subject.expectConnection(to: server))
    }
}
