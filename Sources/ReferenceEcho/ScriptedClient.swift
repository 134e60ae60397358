import Foundation
import Sockets

/// The client that plays against a server under test: one connection, and a verb for each thing that a client
/// can do.
///
/// No verb waits without a limit: each gives up when nothing has moved for `patience`. A byte that moves
/// starts that time anew, since a slow program is right. What the server did is told by values; only a call
/// that should not have failed throws.
public final class ScriptedClient {
    /// This end's address: the one that a server has to print.
    public let localAddress: SocketAddress
    /// How far the server has come with its side of the connection, as far as has been looked.
    public private(set) var ending = Ending.stillOpen
    /// How many bytes the kernel has taken to send.
    public private(set) var sentCount = 0
    /// How many bytes the verbs have given out.
    public private(set) var receivedCount = 0

    /// Asked while nothing moves: true ends a verb before patience does, as where the server is seen to go
    /// round in circles.
    public var isHopeless: () -> Bool = { false }

    private var socket: Socket?
    private let patience: Duration
    private var steps: StepWriter
    /// What has come and was not asked for yet.
    private var inbox: [UInt8] = []
    /// A server that sends without end is not listened to beyond this.
    static let inboxLimit = 64 << 20

    /// Connects, at the most within `patience`. connect(2).
    ///
    /// - Parameters:
    ///   - server: where the server listens.
    ///   - local: the address to connect from; nil leaves it to the kernel. Port 0 becomes one that shows
    ///     when its bytes are swapped.
    ///   - buffers: how much may be on the way.
    ///   - patience: how long to wait when nothing moves.
    ///   - log: where each call is written down; nil: nowhere.
    /// - Throws: `connect` with ECONNREFUSED, with ETIMEDOUT where no answer came, and the like.
    public init(
        connectingTo server: SocketAddress,
        from local: SocketAddress? = nil,
        buffers: Buffers = .asEver,
        patience: Duration = .seconds(5),
        log: StepLog? = nil
    ) throws(SocketError) {
        let socket = try Self.connectedSocket(to: server, from: local, buffers, within: patience, log)
        localAddress = try socket.localAddress()
        steps = StepWriter(log, client: localAddress)
        self.patience = patience
        self.socket = consume socket
    }

    /// The other end: a connection that a server of the suite's own has accepted, for the same verbs.
    ///
    /// - Parameters:
    ///   - patience: how long to wait when nothing moves.
    ///   - log: where each call is written down; nil: nowhere.
    public init(
        accepted: consuming Socket.Accepted,
        patience: Duration = .seconds(5),
        log: StepLog? = nil
    ) throws(SocketError) {
        let peer = accepted.peer
        let socket = accepted.socket
        try socket.makeNonBlocking()
        localAddress = try socket.localAddress()
        steps = StepWriter(log, client: peer)
        steps.note(.accept)
        self.patience = patience
        self.socket = consume socket
    }

    private static func connectedSocket(
        to server: SocketAddress,
        from local: SocketAddress?,
        _ buffers: Buffers,
        within patience: Duration,
        _ log: StepLog?
    ) throws(SocketError) -> Socket {
        for _ in 1...20 {
            let socket = try Socket(server.domain, .stream)
            if buffers == .small { try Self.makeSmall(socket) }
            if let local { try Self.bind(socket, to: local) }
            if try Self.connect(socket, to: server, within: patience, log) { return socket }
        }
        throw SocketError(call: "bind", errno: Errno(EADDRNOTAVAIL))
    }

    private static func bind(_ socket: borrowing Socket, to local: SocketAddress) throws(SocketError) {
        if local.port != 0 { return try socket.bind(to: local) }
        // The kernel's own choice takes it milliseconds where many connections have just ended, and their ports
        // are free for nobody without this.
        try socket.allowReuseOfAddress()
        for _ in 1...100 {
            guard let port = FreePort.candidate(), let address = SocketAddress(host: local.host, port: port)
            else { break }
            if (try? socket.bind(to: address)) != nil { return }
        }
        try socket.bind(to: local)
    }

    /// Returns false where the port that was drawn is that of another connection to `server`.
    private static func connect(
        _ socket: borrowing Socket,
        to server: SocketAddress,
        within patience: Duration,
        _ log: StepLog?
    ) throws(SocketError) -> Bool {
        let began = MonotonicTime.now
        var failure: SocketError?
        do throws(SocketError) {
            var deadline = Deadline(patience)
            try socket.connect(to: server, until: &deadline)
        } catch {
            if error.errno.rawValue == EADDRNOTAVAIL { return false }
            failure = error
        }
        let step = PeerStep(
            .connect,
            client: failure == nil ? try socket.localAddress().description : "-",
            server: server.description,
            began: began,
            ended: MonotonicTime.now,
            errno: failure?.errno.rawValue
        )
        log?.append(step)
        if let failure { throw failure }
        return true
    }

    /// How much the kernels hold between the two programs.
    public enum Buffers: Sendable {
        /// Some megabytes on loopback.
        case asEver
        /// Some hundred kilobytes: few bytes fill all of them, when nobody receives.
        case small
    }

    private static func makeSmall(_ socket: borrowing Socket) throws(SocketError) {
        try socket.setReceiveBufferSize(4096)
        try socket.setSendBufferSize(65_536)
        // The server's buffers grow with the segments that it may send.
        try socket.setSegmentSize(536)
    }

    // MARK: - Sending

    /// Sends all of `bytes`, and keeps what comes back meanwhile, so that neither side waits for the other.
    /// send(2).
    ///
    /// - Returns: how many bytes the kernel took: fewer where the server is gone, or took nothing for
    ///   `patience`.
    @discardableResult
    public func send(_ bytes: [UInt8]) throws(SocketError) -> Int {
        var rest = bytes[...]
        try move(awaiting: [.writable, canTake ? .readable : []], while: { !rest.isEmpty && !isBroken }) {
            (connection) throws(SocketError) in
            let hasSent = push(&rest, into: connection)
            return take(from: connection) || hasSent
        }
        return bytes.count - rest.count
    }

    /// Sends as much of `bytes` as goes without taking anything back: until both kernels' buffers and the
    /// server's own are full. send(2).
    ///
    /// - Parameter quiet: how long nothing may move before they count as full.
    /// - Returns: how many bytes went. All of them, where the server holds more than it should.
    public func sendAsFarAsItGoes(
        _ bytes: [UInt8],
        quiet: Duration = .milliseconds(300)
    ) throws(SocketError) -> Int {
        var rest = bytes[...]
        try move(awaiting: .writable, within: quiet, while: { !rest.isEmpty && !isBroken }) {
            (connection) throws(SocketError) in push(&rest, into: connection)
        }
        return bytes.count - rest.count
    }

    /// Whether the kernel would take something to send, right now. poll(2).
    public func canSendNow() throws(SocketError) -> Bool {
        var happened: Events = []
        try withSocket("poll") { (connection) throws(SocketError) in
            var deadline = Deadline(.milliseconds(1))
            happened = try waitFor(.writable, on: connection.descriptor, until: &deadline)
        }
        return happened.contains(.writable)
    }

    /// Says that nothing more will be sent: the server gets our FIN, and can still send. shutdown(2).
    public func halfClose() throws(SocketError) {
        try withSocket("shutdown") { (connection) throws(SocketError) in
            do throws(SocketError) {
                try connection.shutdown(.write)
                steps.note(.shutdown)
            } catch let error where error.errno == Errno(ENOTCONN) {
                noteFailure(error, on: connection)
            }
        }
    }

    // MARK: - Receiving

    /// Takes exactly `count` bytes, or fewer where the server ends before, or sends nothing for `patience`; at the
    /// most 64 MiB. recv(2).
    public func receive(count: Int) throws(SocketError) -> Received {
        try move(awaiting: .readable, while: { inbox.count < count && canTake }, take)
        return giveOut(count)
    }

    /// Takes all that comes until the server ends. recv(2).
    ///
    /// - Parameter limit: how many bytes to take at the most, since a server may send without end. Nil: what
    ///   of an echo is still to come, and a little more.
    public func receiveUntilEnd(atMost limit: Int? = nil) throws(SocketError) -> Received {
        try receive(count: limit ?? max(0, sentCount - receivedCount) + 4096)
    }

    /// Takes what has arrived, without waiting.
    public func receiveWhatIsThere() throws(SocketError) -> Received {
        try withSocket("recv") { (connection) throws(SocketError) in
            while take(from: connection) {}
        }
        return giveOut(inbox.count)
    }

    /// Sends all of `bytes`, and takes the same number back at the same time.
    public func exchange(_ bytes: [UInt8]) throws(SocketError) -> Received {
        try send(bytes)
        return try receive(count: bytes.count)
    }

    // MARK: - Ending

    /// Closes the connection: by a FIN, or by a RST where bytes that came were not taken. close(2).
    public func close() {
        guard let connection = socket.take() else { return }
        steps.begin()
        connection.close()
        steps.note(.close)
    }

    /// Closes the connection by a RST.
    public func reset() throws(SocketError) {
        steps.begin()
        try socket.take()?.reset()
        steps.note(.reset)
    }

    // MARK: - One step

    private var isBroken: Bool {
        if case .reset = ending { true } else { false }
    }

    private var canTake: Bool { ending == .stillOpen && inbox.count < Self.inboxLimit }

    private func withSocket(
        _ call: String,
        _ body: (borrowing Socket) throws(SocketError) -> Void
    ) throws(SocketError) {
        steps.begin()
        switch socket {
        case .some(let connection): try body(connection)
        case nil: throw SocketError(call: call, errno: Errno(EBADF))
        }
    }

    /// Repeats `step` while there is more to do, and waits where it moved nothing, until that takes too long.
    private func move(
        awaiting events: @autoclosure () -> Events,
        within limit: Duration? = nil,
        while isUnfinished: () -> Bool,
        _ step: (borrowing Socket) throws(SocketError) -> Bool
    ) throws(SocketError) {
        try withSocket("poll") { (connection) throws(SocketError) in
            var deadline = Deadline(limit ?? patience)
            while isUnfinished() {
                if try step(connection) {
                    deadline = Deadline(limit ?? patience)
                    continue
                }
                let happened = try waitFor(
                    events(),
                    on: connection.descriptor,
                    until: &deadline,
                    unless: isHopeless
                )
                if happened.isEmpty { return }
            }
        }
    }

    /// Sends what the kernel takes now. Returns whether it took anything.
    private func push(
        _ rest: inout ArraySlice<UInt8>,
        into connection: borrowing Socket
    ) -> Bool {
        do throws(SocketError) {
            let count = try connection.send(rest)
            if count > 0 { steps.note(.send, rest.prefix(count)) }
            rest = rest.dropFirst(count)
            sentCount += count
            return count > 0
        } catch {
            if error.wouldBlock { return false }
            noteFailure(error, on: connection)
            return true
        }
    }

    /// Receives what is there into the inbox. Returns whether there was anything, the end of file included.
    private func take(from connection: borrowing Socket) -> Bool {
        guard canTake else { return false }
        do throws(SocketError) {
            let bytes = try connection.receive(atMost: 65_536)
            steps.note(.recv, bytes)
            inbox += bytes
            if bytes.isEmpty { ending = .endOfFile } else { try? connection.acknowledgeNow() }
        } catch {
            if error.wouldBlock { return false }
            steps.note(.recv, failing: error.errno)
            ending = .reset(error.errno)
        }
        return true
    }

    /// A call that sends has failed, since the connection is broken. What came before that is still there to
    /// be taken.
    private func noteFailure(_ error: SocketError, on connection: borrowing Socket) {
        while take(from: connection) {}
        if isBroken { return }
        steps.note(.send, failing: error.errno)
        ending = .reset(error.errno)
    }

    private func giveOut(_ limit: Int) -> Received {
        let bytes = Array(inbox.prefix(limit))
        inbox.removeFirst(bytes.count)
        receivedCount += bytes.count
        return Received(bytes, inbox.isEmpty ? ending : .stillOpen)
    }
}
