import Sockets

/// An echo server of UDP that has its port, and serves when it is told to.
///
/// It does as RFC 862 says: "Once a datagram is received, the data from it is sent back in an answering
/// datagram." On request it does to datagrams what a network may do.
public struct DatagramListener: ~Copyable, Sendable {
    /// Where it is bound, with the port that the kernel chose.
    public let address: SocketAddress
    private let socket: Socket
    private let configuration: Configuration
    private var count = 0
    private var held: Datagram?

    /// What happens to the datagrams. All of it is legal UDP, and a client has to cope.
    public struct Configuration: Hashable, Sendable {
        /// Of so many datagrams the first is lost: 1 is each, 2 every second one. Nil: none.
        public var drop: Int?
        /// How often each reply is sent.
        public var copies = 1
        /// Whether a reply is held back until the next one has gone.
        public var reorders = false

        public init() {}
    }

    /// What became of a datagram.
    public enum Event: Hashable, Sendable {
        case dropped(Datagram)
        case held(Datagram)
        /// It was sent back, so many times. A copy that the kernel would not take is lost as any other.
        case answered(Datagram, copies: Int)
    }

    /// Binds `address`: datagrams can be sent to it when this returns. socket(2), bind(2).
    ///
    /// - Parameter address: at port 0 the kernel chooses.
    /// - Throws: the call that failed: `bind` with EADDRINUSE, and the like.
    public init(
        on address: SocketAddress,
        _ configuration: Configuration = Configuration()
    ) throws(SocketError) {
        self.configuration = configuration
        let socket = try Socket(address.domain, .datagram)
        try socket.bind(to: address)
        try socket.makeNonBlocking()
        self.address = try socket.localAddress()
        self.socket = socket
    }

    /// Serves on this thread, until the descriptor `end` is readable. poll(2).
    ///
    /// - Parameter report: called with each event as it happens.
    /// - Throws: `poll`, which no server can do without.
    public mutating func serve(
        until end: Int32,
        report: (Event) -> Void = { _ in }
    ) throws(SocketError) {
        var poller = PollPoller()
        for descriptor in [end, socket.descriptor] { poller.watch(descriptor, for: .readable) }
        while true {
            let happenings = try poller.wait()
            if happenings.contains(where: { $0.descriptor == end }) { return }
            // A datagram may be promised whose checksum turns out to be wrong: then there is none.
            if !happenings.isEmpty, let datagram = try? socket.receiveDatagram() { take(datagram, report) }
        }
    }

    private mutating func take(_ datagram: Datagram, _ report: (Event) -> Void) {
        count += 1
        if let drop = configuration.drop, (count - 1).isMultiple(of: drop) {
            return report(.dropped(datagram))
        }
        if configuration.reorders && held == nil {
            held = datagram
            return report(.held(datagram))
        }
        answer(datagram, report)
        if let late = held.take() { answer(late, report) }
    }

    /// Where a reply can't be sent, it is lost: to UDP that is nothing new.
    private func answer(_ datagram: Datagram, _ report: (Event) -> Void) {
        for _ in 0..<configuration.copies { try? socket.send(datagram.bytes, to: datagram.sender) }
        report(.answered(datagram, copies: configuration.copies))
    }
}
