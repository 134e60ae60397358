import Foundation
import Sockets

/// An echo server of UDP, as RFC 862 says: "Once a datagram is received, the data from it is sent back in an
/// answering datagram." On request it does to datagrams what a network may do.
///
/// It runs on a thread of its own, from ``start(on:_:report:)`` until ``stop()`` or until nobody holds it any
/// more.
public final class DatagramServer: Sendable {
    /// Where it is bound, with the port that the kernel chose.
    public let address: SocketAddress
    private let wakeUp: SelfPipe
    private let thread = DispatchGroup()

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
        /// It was sent back, so many times.
        case answered(Datagram, copies: Int)
    }

    /// Starts a server; datagrams can be sent to it when this returns.
    ///
    /// - Parameter report: called with each event as it happens, on the server's thread.
    /// - Throws: the call that failed: `bind` with EADDRINUSE, and the like.
    public static func start(
        on address: SocketAddress = .loopback(0),
        _ configuration: Configuration = Configuration(),
        report: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(SocketError) -> DatagramServer {
        let wakeUp = try SelfPipe()
        let loop = try DatagramLoop(on: address, configuration, report)
        return DatagramServer(running: loop, wakeUp)
    }

    private init(running loop: DatagramLoop, _ wakeUp: SelfPipe) {
        address = loop.address
        self.wakeUp = wakeUp
        let thread = thread
        thread.enter()
        // Given away: from here on the loop is its thread's alone.
        nonisolated(unsafe) var loop: DatagramLoop? = loop
        Thread.detachNewThread {
            do {
                try loop?.run(until: wakeUp.readEnd)
            } catch {
                preconditionFailure("the reference server ended: \(error)")
            }
            loop = nil
            thread.leave()
        }
    }

    deinit {
        stop()
    }

    public var port: UInt16 { address.port }

    /// Ends the server: when this returns its thread has ended, and its socket is closed.
    public func stop() {
        wakeUp.ring()
        thread.wait()
    }
}

/// The one thread of the server. Made on one thread and run on another, never used by two at a time.
private final class DatagramLoop {
    let address: SocketAddress
    private let socket: Socket
    private let configuration: DatagramServer.Configuration
    private let report: @Sendable (DatagramServer.Event) -> Void
    private var count = 0
    private var held: Datagram?

    init(
        on address: SocketAddress,
        _ configuration: DatagramServer.Configuration,
        _ report: @escaping @Sendable (DatagramServer.Event) -> Void
    ) throws(SocketError) {
        self.configuration = configuration
        self.report = report
        socket = try Socket(address.domain, .datagram)
        try socket.bind(to: address)
        try socket.makeNonBlocking()
        self.address = try socket.localAddress()
    }

    /// Serves until `end` is readable. poll(2).
    func run(until end: Int32) throws(SocketError) {
        var entries = [end, socket.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            try retrying("poll") { poll(&entries, nfds_t(entries.count), -1) }
            if entries[0].revents != 0 { return }
            // poll(2) may promise a datagram whose checksum turns out to be wrong: then there is none.
            if let datagram = try? socket.receiveDatagram() { take(datagram) }
        }
    }

    private func take(_ datagram: Datagram) {
        count += 1
        if let drop = configuration.drop, (count - 1).isMultiple(of: drop) {
            return report(.dropped(datagram))
        }
        if configuration.reorders && held == nil {
            held = datagram
            return report(.held(datagram))
        }
        answer(datagram)
        if let late = held.take() { answer(late) }
    }

    /// Where a reply can't be sent, it is lost: to UDP that is nothing new.
    private func answer(_ datagram: Datagram) {
        for _ in 0..<configuration.copies { try? socket.send(datagram.bytes, to: datagram.sender) }
        report(.answered(datagram, copies: configuration.copies))
    }
}
