import Foundation
import Sockets

/// An echo server for many clients at once, as RFC 862 says: "Once a connection is established any data
/// received is sent back. This continues until the calling user terminates the connection."
///
/// It runs on a thread of its own, from ``start(on:_:report:)`` until ``stop()`` or until nobody holds it any
/// more. It serves with non-blocking sockets and poll(2), and holds a bounded number of bytes for each
/// client.
public final class EchoServer: Sendable {
    /// Where it listens, with the port that the kernel chose.
    public let address: SocketAddress
    /// What it has done so far, to be waited for.
    public let log: EventLog
    private let wakeUp: SelfPipe
    private let end = ThreadEnd()

    public struct Configuration: Sendable {
        public var misbehaviour = Misbehaviour.none
        /// How many bytes, at least 1, it holds for a client that doesn't take its echo before it stops
        /// reading.
        public var buffer = 65_536
        /// SO_RCVBUF and SO_SNDBUF of its sockets, in bytes; nil leaves them to the kernel.
        public var kernelBuffers: Int?
        /// Where each call on a connection is written down; nil: nowhere.
        public var steps: StepLog?

        public init(misbehaviour: Misbehaviour = .none, buffer: Int = 65_536, kernelBuffers: Int? = nil) {
            self.misbehaviour = misbehaviour
            self.buffer = buffer
            self.kernelBuffers = kernelBuffers
        }
    }

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
        let log = EventLog()
        let wakeUp = try SelfPipe()
        let loop = try EchoLoop(on: address, configuration, wakeUp: wakeUp) { event in
            report(event)
            log.append(event)
        }
        return EchoServer(running: loop, log: log, wakeUp: wakeUp)
    }

    /// As ``start(on:_:report:)``, for the tests that want one thing done wrong.
    public static func start(misbehaving misbehaviour: Misbehaviour) throws(SocketError) -> EchoServer {
        try start(Configuration(misbehaviour: misbehaviour))
    }

    private init(running loop: EchoLoop, log: EventLog, wakeUp: SelfPipe) {
        address = loop.address
        self.log = log
        self.wakeUp = wakeUp

        let end = end
        // Given away: from here on the loop is its thread's alone.
        nonisolated(unsafe) var loop: EchoLoop? = loop
        Thread.detachNewThread {
            do {
                try loop?.run()
            } catch {
                preconditionFailure("the reference server ended: \(error)")
            }
            loop = nil
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

/// The end of a thread, which any number of others can wait for, before and after.
private final class ThreadEnd: Sendable {
    private let group = DispatchGroup()

    init() { group.enter() }

    func announce() { group.leave() }

    func wait() { group.wait() }
}
