import Foundation
import Sockets

/// The one thread of the echo server: waits until something happens to any socket, and does what can be done
/// then.
///
/// Made on one thread and run on another, never used by two at a time.
final class EchoLoop {
    let address: SocketAddress
    private let listener: Socket
    private let wakeUp: SelfPipe
    private let configuration: EchoServer.Configuration
    private let report: @Sendable (EchoEvent) -> Void

    private var poller = Poller()
    private var connections: [Int32: EchoConnection] = [:]
    /// There is no descriptor for another client, so accept(2) is not tried for a while.
    private var isFull = false

    init(
        on address: SocketAddress,
        _ configuration: EchoServer.Configuration,
        wakeUp: SelfPipe,
        report: @escaping @Sendable (EchoEvent) -> Void
    ) throws(SocketError) {
        self.configuration = configuration
        self.wakeUp = wakeUp
        self.report = report

        listener = try Socket(address.domain, .stream)
        try listener.allowReuseOfAddress()
        if let size = configuration.kernelBuffers {
            // Connections inherit both from the socket that they arrive at.
            try listener.setReceiveBufferSize(size)
            try listener.setSendBufferSize(size)
        }
        try listener.bind(to: address)
        self.address = try listener.localAddress()

        poller.watch(wakeUp.readEnd, for: .readable)
        if configuration.misbehaviour.refuses { return }
        try listener.makeNonBlocking()
        try listener.listen()
        poller.watch(listener.descriptor, for: .readable)
    }

    /// Serves until `wakeUp` rings.
    func run() throws(SocketError) {
        while true {
            let happened = try poller.wait(atMost: patience)
            if isFull { resumeAccepting() }
            for (descriptor, events) in happened {
                switch descriptor {
                case wakeUp.readEnd: return
                case listener.descriptor: acceptClients()
                default: serve(descriptor, after: events)
                }
            }
            if configuration.misbehaviour.delay != nil { serveWhatIsDue() }
        }
    }

    /// How long may pass before there is something to do although nothing happened.
    private var patience: Duration? {
        if isFull { return .milliseconds(100) }
        if configuration.misbehaviour.delay == nil { return nil }
        let due = connections.values.lazy.compactMap(\.dueTime).min()
        return due.map { max(.zero, $0 - .now) }
    }

    private func acceptClients() {
        while true {
            do throws(SocketError) {
                add(
                    try EchoConnection(
                        try listener.accept(),
                        capacity: configuration.buffer,
                        misbehaviour: configuration.misbehaviour,
                        log: configuration.steps
                    )
                )
            } catch {
                if error.wouldBlock { return }
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errno.rawValue) {
                    return pauseAccepting()
                }
                // This client is gone (ECONNABORTED and the like): the next one may be there.
            }
        }
    }

    private func add(_ connection: EchoConnection) {
        report(.accepted(connection.peer))
        connections[connection.descriptor] = connection
        serve(connection.descriptor, after: [])
    }

    /// The client stays in the queue and keeps the listener readable: waiting for that would burn the
    /// processor.
    private func pauseAccepting() {
        isFull = true
        poller.forget(listener.descriptor)
    }

    private func resumeAccepting() {
        isFull = false
        poller.watch(listener.descriptor, for: .readable)
    }

    private func serveWhatIsDue() {
        let now = ContinuousClock.now
        for (descriptor, connection) in connections {
            if let due = connection.dueTime, due <= now { serve(descriptor, after: []) }
        }
    }

    private func serve(_ descriptor: Int32, after events: Events) {
        guard let connection = connections[descriptor] else { return }
        do throws(SocketError) {
            if events.contains(.failed) { throw try connection.failure() }
            if try connection.advance(at: .now) {
                poller.watch(descriptor, for: connection.interest)
            } else {
                remove(descriptor, because: nil)
            }
        } catch {
            remove(descriptor, because: error.errno)
        }
    }

    private func remove(_ descriptor: Int32, because errno: Errno?) {
        poller.forget(descriptor)
        guard let connection = connections.removeValue(forKey: descriptor) else { return }
        connection.noteEnd(errno)
        report(.closed(connection.peer, errno))
    }
}
