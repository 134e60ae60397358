import Course
import ReferenceEcho
import Sockets
import Supervision

/// A server of datagrams under test, which has said where it is bound.
struct DatagramSubject {
    let subject: Subject
    let address: SocketAddress

    /// A client of its own socket.
    ///
    /// - Parameter host: the address to send from: any of 127.0.0.0/8.
    func client(from host: String = "127.0.0.1") throws -> DatagramPeer {
        guard let local = SocketAddress(host: host, port: 0) else { preconditionFailure(host) }
        return try DatagramPeer(connectedTo: address, from: local, log: subject.test.peers)
    }

    /// Sends `bytes` as one datagram, and expects exactly them back, as one datagram from where they were
    /// sent to.
    ///
    /// - Parameters:
    ///   - what: how a message calls them.
    ///   - before: what was done before that.
    func expectReply(
        to bytes: [UInt8],
        by client: DatagramPeer,
        _ what: String,
        after before: String? = nil
    ) throws {
        try expectReplies([bytes], to: client, did: (before.map { "\($0); then " } ?? "") + "sent \(what)") {
            try client.send(bytes)
        }
    }

    /// Sends `bytes` as one datagram. Where nobody is any more, that is refused.
    func send(_ bytes: [UInt8], by client: DatagramPeer, _ did: String) throws {
        do {
            try client.send(bytes)
        } catch {
            throw failure(did, nil, [bytes], "\(error.errno)", [bytes], nil)
        }
    }

    /// Expects each of `replies`, in any order, and nothing else.
    func expectReplies(
        _ replies: [[UInt8]],
        to client: DatagramPeer,
        did: String,
        expected: String? = nil,
        once send: () throws -> Void = {}
    ) throws {
        var missing = replies
        do {
            try send()
            while !missing.isEmpty,
                let reply = try client.receive(within: Subject.patience, unless: isHopeless)
            {
                guard let index = missing.firstIndex(of: reply.bytes) else {
                    throw failure(did, expected, replies, "\(described(reply.bytes))", missing, reply.bytes)
                }
                missing.remove(at: index)
            }
        } catch let error as SocketError {
            throw failure(did, expected, replies, "\(error.errno)", missing, nil)
        }
        if !missing.isEmpty { throw failure(did, expected, replies, "nothing", missing, nil) }
        subject.waitUntilItWaits()
        if let more = try client.receiveWhatIsThere().first {
            throw failure(did, expected, replies, "one more: \(described(more.bytes))", [], more.bytes)
        }
    }

    /// A server that has ended answers nobody.
    private func isHopeless() -> Bool { subject.seen.ending != nil }

    private func failure(
        _ did: String,
        _ expected: String?,
        _ replies: [[UInt8]],
        _ seen: String,
        _ missing: [[UInt8]],
        _ reply: [UInt8]?
    ) -> any Error {
        subject.failure(
            did: did,
            expected: expected ?? "back, as one datagram: \(described(replies[0]))",
            saw: "\(seen)\n\(subject.whatHappened())",
            cause: DatagramCause(subject.seen, sent: missing.first ?? [], reply: reply).text
                ?? (subject.seen.ending == nil ? nil : subject.causeOfSilence())
        )
    }
}

extension StageTestCase {
    /// Starts the stage's server on a port that the kernel chooses.
    func startDatagramServer(faults: [Recorder.Fault] = []) throws -> DatagramSubject {
        let (subject, port) = try runOnAnyPort(announcing: "bound to", faults: faults)
        // What comes over the network decides, not standard input.
        subject.program.closeInput()
        return DatagramSubject(subject: subject, address: .loopback(port))
    }

    /// Runs the server on a port of UDP that nobody has. Where somebody took it in between, on another.
    func runOnFreeDatagramPort() throws -> (Subject, UInt16) {
        while true {
            let port = try FreePort.reserve()
            guard (try? DatagramPeer(boundTo: .loopback(port))) != nil else { continue }
            let subject = try run("\(port)")
            if !subject.waitForLineOrEnd() {
                throw subject.failureOfSilence(expected: "bound to 127.0.0.1:\(port)")
            }
            let isTaken =
                subject.seen.ending == .exited(1) && (try? DatagramPeer(boundTo: .loopback(port))) == nil
            if !isTaken { return (subject, port) }
        }
    }

    /// A server of the suite's own on ::1, which not every machine has.
    func datagramPeerOfIPv6() throws -> DatagramPeer {
        do {
            return try DatagramPeer(boundTo: .loopback6(0), log: peers)
        } catch {
            throw stop(.couldNotRun, "this machine has no ::1: \(error)")
        }
    }

    /// A server of the suite's own on the port of a service of UDP that services(5) knows by name: best one
    /// that TCP does not have.
    func serveAsAService() throws -> (DatagramPeer, service: String) {
        let streams = Set(Self.unprivilegedServices(of: "tcp").map(\.name))
        let services = Self.unprivilegedServices(of: "udp").shuffled()
        let first = services.filter { !streams.contains($0.name) }
        for (name, port) in first + services.filter({ streams.contains($0.name) }) {
            guard let address = SocketAddress(host: Self.someLoopbackHost, port: port),
                (try? SocketAddress.resolve(host: address.host, service: name, kind: .datagram)) == [address],
                let peer = try? DatagramPeer(boundTo: address, log: peers)
            else { continue }
            return (peer, name)
        }
        throw stop(.couldNotRun, "this machine knows no service of UDP by name whose port is free")
    }
}

/// `5 bytes "hello"`: a datagram, as a failure tells it.
func described(_ bytes: [UInt8]) -> String {
    bytes.isEmpty ? "an empty datagram" : describe(bytes)
}
