import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// Clients that send and do not read: what a server does about them, and meanwhile for others.
extension Server {
    /// More than any server has a reason to hold for one client, with all that is on the way.
    private static let sensibleBound = 32 << 20

    /// Has `client` send, and read nothing, until no more goes: what came is held, up to a bound, and the
    /// server has stopped reading. Returns what went.
    @discardableResult
    func holdUp(_ client: ScriptedClient, seed: UInt64 = 1) throws -> [UInt8] {
        // Sent again and again; of a size that no buffer has.
        let piece = Payload.text(count: 300_007, seed: seed)
        var sent: [UInt8] = []
        while sent.count < Self.sensibleBound {
            let from = sent.count % piece.count
            let count = try client.sendAsFarAsItGoes(Array(piece[from...]), quiet: .milliseconds(3))
            sent += piece[from..<from + count]
            if count > 0 { continue }
            // It may have been too busy to read on: only when it waits, it has stopped.
            subject.waitUntilItWaits()
            if try client.ending != .stillOpen || !client.canSendNow() { return sent }
        }
        throw subject.failure(
            did: "had a client send, and receive nothing",
            expected: "the server stops reading from it, once it holds as much for it as it wants to",
            saw: "\(sent.count >> 20) MiB went, and it reads on",
            cause: causeOfHoldingAll()
        )
    }

    private func causeOfHoldingAll() -> String? {
        func total(_ family: SocketCall.Family) -> Int {
            subject.seen.calls(family).compactMap(\.result).filter { $0 > 0 }.reduce(0, +) >> 10
        }
        let (received, sent) = (total(.recv), total(.send))
        return received > 2 * sent + 8 << 10
            ? "recv(2) brought \(received) KiB, and send(2) took \(sent) KiB:"
                + " recv(2) is called for more while something is still to be sent" : nil
    }

    /// A half-closed client reads what it has sent, late, and then the server's end of file.
    func expectOwed(_ bytes: [UInt8], of client: ScriptedClient) throws {
        let received = try client.receiveUntilEnd()
        if received == Received(bytes, .endOfFile) { return }
        let difference = Payload.firstDifference(expected: bytes, seen: received.bytes)
        throw subject.failure(
            did: "had a client send until no more went, and half-close; only then it read",
            expected: "the same \(bytes.count) bytes back, then FIN",
            saw: "\(received.bytes.count) bytes, then \(received.ending)"
                + (difference.map { "; they differ at \($0)" } ?? "") + "\n\(subject.whatHappened())",
            cause: causeOfLoss(to: client, received.bytes.count < bytes.count)
        )
    }

    private func causeOfLoss(to client: ScriptedClient, _ isShort: Bool) -> String? {
        let peer = "\(client.localAddress)"
        guard let accepted = subject.seen.calls(.accept).first(where: { $0.argument(1) == peer }) else {
            return nil
        }
        let ends = subject.seen.calls(.recv).contains {
            $0.result == 0 && $0.descriptor.map(Int.init) == accepted.result
        }
        return isShort && ends
            ? "recv(2) returned 0, and the connection was closed: what was still owed to the client is lost"
            : nil
    }

    /// A client that sends a line gets it back.
    ///
    /// - Parameter did: in which situation.
    func expectService(of client: ScriptedClient, although did: String? = nil) throws {
        let line = Array("hello\n".utf8)
        let received = try client.exchange(line)
        if received.bytes == line { return }
        if let did { throw failureOfService(received, although: did) }
        throw echoFailure(
            sent: line,
            received,
            did: "sent a line, \"hello\"",
            cause: NeglectCause(subject).text
        )
    }

    /// A client that has sent a line did not get it back.
    func failureOfService(_ received: Received, although did: String) -> any Error {
        subject.failure(
            did: "\(did); sent a line by another",
            expected: "its line comes back: no client waits for another",
            saw: "\(received)\n\(subject.whatHappened())",
            cause: NeglectCause(subject).text
        )
    }
}

/// Why a client is not served while others are there, where the record of the calls points to it.
struct NeglectCause {
    let text: String?

    init(_ subject: Subject) {
        subject.settle()
        let seen = subject.seen
        guard seen.ending == nil else {
            text = subject.causeOfEndByAccept ?? subject.causeOfSilence()
            return
        }
        if seen.repeatsEndOfFile {
            text = "recv(2) returned 0, the client's end of file, and is called for it again and again"
        } else if seen.repeatsAFailure, let name = seen.records.last?.name {
            text = "\(name)(2) is called again and again, and nothing else"
        } else {
            let waits = seen.blockedCalls.first { [.accept, .recv, .send].contains($0.family) }
            text = waits.map(Self.causeOfWaiting)
        }
    }

    private static func causeOfWaiting(in call: SocketCall) -> String {
        let what =
            switch call.family {
            case .accept: "for another client"
            case .recv: "for one client to send"
            default: "until one client takes more"
            }
        return "the program waits in \(call.name)(2) \(what), and for nobody else: only poll(2) may wait"
    }
}

extension Observation {
    /// Whether one call is made again and again, and always fails: the program does nothing else any more.
    var repeatsAFailure: Bool {
        let last = records.suffix(1000)
        guard last.count == 1000, let name = last.first?.name else { return false }
        return last.allSatisfy { $0.name == name && ($0.result ?? -1) == -1 }
    }

    /// Whether the program does one thing for ever, and nothing more can be expected of it. EAGAIN is no such
    /// thing: it passes.
    var goesRoundInCircles: Bool {
        repeatsEndOfFile || repeatsAFailure && records.last { $0.hasReturned }?.errno != EAGAIN
    }
}
