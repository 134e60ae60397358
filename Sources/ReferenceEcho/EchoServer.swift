// Its configuration, misbehaviours and events are part of this module's interface.
@_exported import EchoService
import Sockets

/// The reference server (``EchoListener``) on a thread of its own, from ``start(on:_:report:)`` until
/// ``stop()`` or until nobody holds it any more.
public final class EchoServer: Sendable {
    /// Where it listens, with the port that the kernel chose.
    public let address: SocketAddress
    /// What it has done so far, to be waited for.
    public let log: EventLog
    private let thread: ServingThread

    public typealias Configuration = EchoConfiguration

    /// Starts a server; clients can connect when this returns.
    ///
    /// - Parameters:
    ///   - address: where it listens; at port 0 the kernel chooses.
    ///   - report: called with each event as it happens, on the server's thread.
    /// - Throws: the call that failed: `bind` with EADDRINUSE, and the like.
    public static func start(
        on address: SocketAddress = .loopback(0),
        _ configuration: Configuration = Configuration(),
        report: @escaping @Sendable (EchoEvent) -> Void = { _ in }
    ) throws(SocketError) -> EchoServer {
        let listener = try EchoListener(on: address, configuration)
        return EchoServer(serving: listener, try ServingThread(), report)
    }

    /// As ``start(on:_:report:)``, for the tests that want one thing done wrong.
    public static func start(misbehaving misbehaviour: Misbehaviour) throws(SocketError) -> EchoServer {
        try start(Configuration(misbehaviour: misbehaviour))
    }

    private init(
        serving listener: consuming EchoListener,
        _ thread: ServingThread,
        _ report: @escaping @Sendable (EchoEvent) -> Void
    ) {
        let log = EventLog()
        address = listener.address
        self.thread = thread
        self.log = log

        // Given away: from here on the listener is its thread's alone.
        nonisolated(unsafe) var listener: EchoListener? = listener
        thread.start { end in
            try listener.take()?.serve(until: end) { event in
                report(event)
                log.append(event)
            }
        }
    }

    deinit {
        stop()
    }

    public var port: UInt16 { address.port }

    /// Ends the server: when this returns its thread has ended, and its sockets are closed.
    public func stop() {
        thread.stop()
    }
}
