import EchoService
import Sockets

/// The reference server of UDP (``DatagramListener``) on a thread of its own, from ``start(on:_:report:)``
/// until ``stop()`` or until nobody holds it any more.
public final class DatagramServer: Sendable {
    /// Where it is bound, with the port that the kernel chose.
    public let address: SocketAddress
    private let thread: ServingThread

    public typealias Configuration = DatagramListener.Configuration
    public typealias Event = DatagramListener.Event

    /// Starts a server; datagrams can be sent to it when this returns.
    ///
    /// - Parameter report: called with each event as it happens, on the server's thread.
    /// - Throws: the call that failed: `bind` with EADDRINUSE, and the like.
    public static func start(
        on address: SocketAddress = .loopback(0),
        _ configuration: Configuration = Configuration(),
        report: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(SocketError) -> DatagramServer {
        let listener = try DatagramListener(on: address, configuration)
        return DatagramServer(serving: listener, try ServingThread(), report)
    }

    private init(
        serving listener: consuming DatagramListener,
        _ thread: ServingThread,
        _ report: @escaping @Sendable (Event) -> Void
    ) {
        address = listener.address
        self.thread = thread
        // Given away: from here on the listener is its thread's alone.
        nonisolated(unsafe) var listener: DatagramListener? = listener
        thread.start { end in
            try listener?.serve(until: end, report: report)
            listener = nil
        }
    }

    deinit {
        stop()
    }

    public var port: UInt16 { address.port }

    /// Ends the server: when this returns its thread has ended, and its socket is closed.
    public func stop() {
        thread.stop()
    }
}
