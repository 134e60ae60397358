import Sockets

/// A socket of UDP of the suites' own, which plays the client or the server of a program under test.
///
/// As a client it is connected, so what comes from anywhere else is dropped by the kernel, and a port at which
/// nobody is refuses: receiving throws ECONNREFUSED then.
public final class DatagramPeer {
    /// With the port that the kernel chose, where it was to choose.
    public let address: SocketAddress
    private let socket: Socket
    private let server: SocketAddress?
    private let log: StepLog?

    /// A server at `address`, or whoever just has that port.
    public init(boundTo address: SocketAddress = .loopback(0), log: StepLog? = nil) throws(SocketError) {
        socket = try Socket(address.domain, .datagram)
        try socket.bind(to: address)
        try socket.makeNonBlocking()
        self.address = try socket.localAddress()
        server = nil
        self.log = log
    }

    /// A client of `server`.
    ///
    /// - Parameter local: the address to send from, such as 127.0.0.3.
    public init(
        connectedTo server: SocketAddress,
        from local: SocketAddress = .loopback(0),
        log: StepLog? = nil
    ) throws(SocketError) {
        socket = try Socket(server.domain, .datagram)
        try socket.bind(to: local)
        try socket.connect(to: server)
        try socket.makeNonBlocking()
        address = try socket.localAddress()
        self.server = server
        self.log = log
    }

    /// Sends `bytes` to the server that it is connected to, as one datagram. send(2).
    public func send(_ bytes: [UInt8]) throws(SocketError) {
        let began = MonotonicTime.now
        _ = try socket.send(bytes[...])
        note(.send, client: address, began, bytes)
    }

    /// Sends `bytes` to a client, as one datagram. sendto(2).
    public func send(_ bytes: [UInt8], to client: SocketAddress) throws(SocketError) {
        let began = MonotonicTime.now
        try socket.send(bytes, to: client)
        note(.send, client: client, began, bytes)
    }

    /// Takes the next datagram. recvfrom(2).
    ///
    /// - Parameters:
    ///   - patience: how long to wait for it.
    ///   - isHopeless: asked while nothing comes; true ends the wait.
    /// - Returns: nil where none came.
    public func receive(
        within patience: Duration,
        unless isHopeless: () -> Bool = { false }
    ) throws(SocketError) -> Datagram? {
        let began = MonotonicTime.now
        var deadline = Deadline(patience)
        let happened = try waitFor(
            .readable,
            on: socket.descriptor,
            until: &deadline,
            unless: isHopeless
        )
        if happened.isEmpty { return nil }
        let datagram = try socket.receiveDatagram()
        note(.recv, client: server == nil ? datagram.sender : address, began, datagram.bytes)
        return datagram
    }

    /// Takes what has come by now: of a program that sends without end, as much as it may have sent by then.
    public func receiveWhatIsThere() throws(SocketError) -> [Datagram] {
        var all: [Datagram] = []
        while all.count < Self.most, let next = try receive(within: .milliseconds(1)) { all.append(next) }
        return all
    }

    /// More than a socket's buffer holds, be they ever so small.
    private static let most = 1000

    private func note(_ action: PeerStep.Action, client: SocketAddress, _ began: UInt64, _ bytes: [UInt8]) {
        log?.append(
            PeerStep(
                action,
                client: client.description,
                began: began,
                ended: MonotonicTime.now,
                bytes: bytes
            )
        )
    }
}
