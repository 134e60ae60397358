import Sockets

/// An echo server that has its port, and serves when it is told to.
///
/// It does as RFC 862 says: "Once a connection is established any data received is sent back. This continues
/// until the calling user terminates the connection."
public struct EchoListener: ~Copyable, Sendable {
    /// Where it listens, with the port that the kernel chose.
    public let address: SocketAddress
    private let socket: Socket
    private let configuration: EchoConfiguration

    /// Binds `address`, and listens: clients can connect when this returns. socket(2), bind(2), listen(2).
    ///
    /// - Parameter address: at port 0 the kernel chooses.
    /// - Throws: the call that failed: `bind` with EADDRINUSE, and the like.
    public init(
        on address: SocketAddress,
        _ configuration: EchoConfiguration = EchoConfiguration()
    ) throws(SocketError) {
        let socket = try Socket(address.domain, .stream)
        try socket.allowReuseOfAddress()
        // The connections inherit these from the socket that they arrive at. Without the first, an answer
        // waits until the client has acknowledged the one before.
        try socket.sendAtOnce()
        if let size = configuration.kernelBuffers {
            try socket.setReceiveBufferSize(size)
            try socket.setSendBufferSize(size)
        }
        try socket.bind(to: address)
        if !configuration.misbehaviour.refuses {
            try socket.makeNonBlocking()
            try socket.listen()
        }
        self.address = try socket.localAddress()
        self.configuration = configuration
        self.socket = socket
    }

    /// Serves on this thread, until the descriptor `end` is readable. Then every connection is closed, and
    /// the port is free.
    ///
    /// - Parameter report: called with each event as it happens.
    /// - Throws: a call that no server can do without: epoll_wait(2), and the like.
    public consuming func serve(
        until end: Int32,
        report: (EchoEvent) -> Void = { _ in }
    ) throws(SocketError) {
        let isPlain = configuration.misbehaviour == .none && configuration.steps == nil
        #if os(Linux)
        if !configuration.usesPoll {
            let poller = try EpollPoller()
            return isPlain
                ? try serve(EchoConnection.self, waitingWith: poller, until: end, report)
                : try serve(MisbehavingConnection.self, waitingWith: poller, until: end, report)
        }
        #endif
        isPlain
            ? try serve(EchoConnection.self, waitingWith: PollPoller(), until: end, report)
            : try serve(MisbehavingConnection.self, waitingWith: PollPoller(), until: end, report)
    }

    private consuming func serve<Client: Connection, Waiting: Poller & ~Copyable>(
        _: Client.Type,
        waitingWith poller: consuming Waiting,
        until end: Int32,
        _ report: (EchoEvent) -> Void
    ) throws(SocketError) {
        var loop = EchoLoop<Client, Waiting>(socket, configuration, poller)
        try loop.run(until: end, report)
    }
}
