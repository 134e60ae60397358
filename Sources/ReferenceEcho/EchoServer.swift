// Its configuration, misbehaviours and events are part of this module's interface.
@_exported import EchoService
import Foundation
import Sockets

/// The reference server (``EchoListener``) on a thread of its own, from ``start(on:_:report:)`` until
/// ``stop()`` or until nobody holds it any more.
public final class EchoServer: Sendable {
    /// Where it listens, with the port that the kernel chose.
    public let address: SocketAddress
    /// What it has done so far, to be waited for.
    public let log: EventLog
    private let wakeUp: SelfPipe
    private let end: ThreadEnd

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
        let wakeUp = try SelfPipe()
        return EchoServer(serving: listener, wakeUp: wakeUp, report)
    }

    /// As ``start(on:_:report:)``, for the tests that want one thing done wrong.
    public static func start(misbehaving misbehaviour: Misbehaviour) throws(SocketError) -> EchoServer {
        try start(Configuration(misbehaviour: misbehaviour))
    }

    private init(
        serving listener: consuming EchoListener,
        wakeUp: SelfPipe,
        _ report: @escaping @Sendable (EchoEvent) -> Void
    ) {
        let log = EventLog()
        let end = ThreadEnd()
        address = listener.address
        self.wakeUp = wakeUp
        self.log = log
        self.end = end

        // Given away: from here on the listener is its thread's alone.
        nonisolated(unsafe) var listener: EchoListener? = listener
        Thread.detachNewThread {
            do {
                try listener.take()?.serve(until: wakeUp.readEnd) { event in
                    report(event)
                    log.append(event)
                }
            } catch {
                preconditionFailure("the reference server ended: \(error)")
            }
            end.announce()
        }
    }

    deinit {
        stop()
    }

    public var port: UInt16 { address.port }

    /// Ends the server: when this returns its thread has ended, and its sockets are closed.
    public func stop() {
        wakeUp.ring()
        end.wait()
    }
}
