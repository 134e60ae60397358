import Foundation
import Sockets

/// One client of the echo server: what came from it and has not been sent back yet.
///
/// It holds no more than `capacity` bytes. Whoever doesn't take its echo is not read from until it does:
/// TCP's window closes, and the client's own send(2) waits.
final class EchoConnection {
    let peer: SocketAddress
    private let socket: Socket
    private let capacity: Int
    private let misbehaviour: Misbehaviour
    private var steps: StepWriter

    private var owed: [UInt8] = []
    private var echoed = 0
    private var clientHasEnded = false
    private var weHaveEnded = false
    private var hasReset = false
    /// When what is owed may be sent back.
    private(set) var dueTime: ContinuousClock.Instant?

    init(
        _ accepted: consuming Socket.Accepted,
        capacity: Int,
        misbehaviour: Misbehaviour,
        log: StepLog? = nil
    ) throws(SocketError) {
        peer = accepted.peer
        steps = StepWriter(log, client: accepted.peer)
        steps.note(.accept)
        socket = accepted.socket
        self.capacity = capacity
        self.misbehaviour = misbehaviour
        try socket.makeNonBlocking()
        if misbehaviour.pieceSize != nil { try socket.sendAtOnce() }
    }

    var descriptor: Int32 { socket.descriptor }

    /// What has to happen before ``advance(at:)`` can do anything.
    var interest: Events {
        var events: Events = []
        if canReceive { events.insert(.readable) }
        if !owed.isEmpty && dueTime == nil { events.insert(.writable) }
        return events
    }

    private var canReceive: Bool {
        !misbehaviour.stalls && !clientHasEnded && owed.count < capacity
    }

    /// Moves what can be moved without waiting, and ends what has come to its end.
    ///
    /// - Returns: whether the connection goes on.
    func advance(at now: ContinuousClock.Instant) throws(SocketError) -> Bool {
        if canReceive { try unlessItBlocks { () throws(SocketError) in try receive(at: now) } }
        if let due = dueTime, due <= now { dueTime = nil }
        if !owed.isEmpty && dueTime == nil { try unlessItBlocks(sendBack) }
        return try !end()
    }

    private func unlessItBlocks(_ move: () throws(SocketError) -> Void) throws(SocketError) {
        do throws(SocketError) {
            try move()
        } catch let error where error.wouldBlock {
            // poll(2) says when there is something to move.
        }
    }

    private func receive(at now: ContinuousClock.Instant) throws(SocketError) {
        let bytes = try socket.receive(atMost: capacity - owed.count)
        steps.note(.recv, bytes)
        clientHasEnded = bytes.isEmpty
        if weHaveEnded { return }
        if owed.isEmpty && !bytes.isEmpty { dueTime = misbehaviour.delay.map { now + $0 } }
        owed += bytes
    }

    private func sendBack() throws(SocketError) {
        let left = misbehaviour.allowance.map { $0 - echoed } ?? owed.count
        let count = try socket.send(owed.prefix(min(left, misbehaviour.pieceSize ?? left)))
        steps.note(.send, owed.prefix(count))
        owed.removeFirst(count)
        echoed += count
    }

    /// Ends the connection where its time has come. Returns whether nothing is left to do on it.
    private func end() throws(SocketError) -> Bool {
        if let allowance = misbehaviour.allowance, echoed >= allowance, !weHaveEnded {
            if case .reset = misbehaviour.ending {
                try socket.resetWhenClosed()
                hasReset = true
                return true
            }
            owed = []
            dueTime = nil
            try sayGoodbye()
        }
        guard clientHasEnded && owed.isEmpty else { return false }
        if !weHaveEnded { try sayGoodbye() }
        return true
    }

    /// Why poll(2) said that the connection is broken.
    func failure() throws(SocketError) -> SocketError {
        SocketError(call: "recv", errno: try socket.pendingError() ?? Errno(ECONNRESET))
    }

    /// Writes down the end of the connection, which is closed when nobody holds this any more.
    func noteEnd(_ errno: Errno?) {
        if let errno { steps.note(.recv, failing: errno) }
        steps.note(hasReset ? .reset : .close)
    }

    private func sayGoodbye() throws(SocketError) {
        weHaveEnded = true
        try socket.shutdown(.write)
        steps.note(.shutdown)
    }
}
