import Sockets

/// One client of an echo server that does wrong on request, or whose calls are written down: what came from
/// it and has not been sent back yet.
///
/// It holds no more than the configuration's `buffer`, and is slower than ``EchoConnection``, which does it
/// right.
final class MisbehavingConnection: Connection {
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
    private(set) var dueTime: ContinuousClock.Instant?

    init(_ accepted: consuming Socket.Accepted, _ configuration: EchoConfiguration) {
        peer = accepted.peer
        steps = StepWriter(configuration.steps, client: accepted.peer)
        steps.note(.accept)
        socket = accepted.socket
        capacity = configuration.buffer
        misbehaviour = configuration.misbehaviour
    }

    var descriptor: Int32 { socket.descriptor }

    var interest: Events {
        var events: Events = []
        if canReceive { events.insert(.readable) }
        // There is room to write when a connection begins: one that is to end after 0 bytes does so then.
        if endsNow || !owed.isEmpty && dueTime == nil { events.insert(.writable) }
        return events
    }

    private var canReceive: Bool {
        !misbehaviour.stalls && !clientHasEnded && owed.count < capacity
    }

    /// Whether as much has been sent back as will ever be.
    private var endsNow: Bool { !weHaveEnded && echoed >= misbehaviour.allowance ?? .max }

    func advance(after events: Events, with chunks: inout Chunks) throws(SocketError) -> Bool {
        if events.contains(.failed) { throw try failure() }
        // Neither direction is open any more, and what is still there is not read.
        if events.contains(.hangUp) && !canReceive { return false }
        let now = ContinuousClock.now
        if canReceive { try unlessItBlocks { () throws(SocketError) in try receive(at: now) } }
        if let due = dueTime, due <= now { dueTime = nil }
        if !owed.isEmpty && dueTime == nil && !endsNow { try unlessItBlocks(sendBack) }
        return try !end()
    }

    private func unlessItBlocks(_ move: () throws(SocketError) -> Void) throws(SocketError) {
        do throws(SocketError) {
            try move()
        } catch let error where error.wouldBlock {
            // The poller tells when there is something to move.
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
        if endsNow {
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

    /// Why the connection is broken.
    private func failure() throws(SocketError) -> SocketError {
        SocketError(call: "recv", errno: try socket.pendingError() ?? Errno(ECONNRESET))
    }

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
