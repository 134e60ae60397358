import ReferenceEcho
import Sockets
import Supervision

/// A server of the suite's own, to which a program under test connects: it keeps who has come in its queue
/// until it is asked for them.
final class Listener {
    /// With the port that the kernel chose, where it was to choose.
    let address: SocketAddress
    private let socket: Socket
    private let log: StepLog?

    /// - Parameters:
    ///   - backlog: how many clients may wait in the queue; of 0, Linux makes 1.
    ///   - buffers: small ones make a server that soon takes no more, unless it reads.
    ///   - log: where what is done at its connections is written down; nil: nowhere.
    init(
        on address: SocketAddress = .loopback(0),
        backlog: Int32 = 100,
        buffers: ScriptedClient.Buffers = .asEver,
        log: StepLog? = nil
    ) throws(SocketError) {
        self.log = log
        socket = try Self.socket(boundTo: address)
        if buffers == .small {
            // Its connections inherit both: the least that the kernel gives, and small segments, with which
            // the client's own buffers stay small.
            try socket.setReceiveBufferSize(1)
            try socket.setSegmentSize(536)
        }
        try socket.listen(backlog: backlog)
        try socket.makeNonBlocking()
        self.address = try socket.localAddress()
    }

    /// Where the kernel is to choose the port, one that nobody comes to by mistake, if it has any.
    private static func socket(boundTo address: SocketAddress) throws(SocketError) -> Socket {
        func bound() throws(SocketError) -> Socket {
            let socket = try Socket(address.domain, .stream)
            try socket.bind(to: address)
            return socket
        }
        if address.port != 0 { return try bound() }
        return try FreePort.unmistakable(bound) { (socket) throws(SocketError) in
            try socket.localAddress().port
        }
    }

    var port: UInt16 { address.port }

    /// Takes the next connection out of the queue, this end of it; nil where none has come within `patience`.
    func accept(patience: Duration = Subject.patience) throws(SocketError) -> ScriptedClient? {
        var deadline = Deadline(patience)
        if try waitFor(.readable, on: socket.descriptor, until: &deadline).isEmpty { return nil }
        return try ScriptedClient(accepted: socket.accept(), patience: Subject.patience, log: log)
    }

    /// Whether a connection is in the queue right now.
    var hasNext: Bool {
        get throws(SocketError) {
            var now = Deadline(.milliseconds(1))
            return try !waitFor(.readable, on: socket.descriptor, until: &now).isEmpty
        }
    }
}

extension StageTestCase {
    /// A server of the suite's own on a loopback address that not every machine has: where it is missing, the
    /// check can't be run.
    func listen(on address: SocketAddress) throws -> Listener {
        do {
            return try Listener(on: address, log: peers)
        } catch {
            throw stop(.couldNotRun, "this machine has no \(address.host): \(error)")
        }
    }

    /// Starts the stage's program for `listener`: with its host, unless another name for it is given, and its
    /// port.
    func runClient(
        of listener: Listener,
        named host: String? = nil,
        faults: [Recorder.Fault] = []
    ) throws -> Subject {
        try run(host ?? listener.address.host, "\(listener.port)", faults: faults)
    }

    /// A server that does not answer the next client, since its queue is full; and who fills it.
    func listenWithAFullQueue() throws -> (Listener, ScriptedClient) {
        let server = try Listener(backlog: 0, log: peers)
        let first = try ScriptedClient(connectingTo: server.address)
        if Probe(connectingTo: server.address, patience: .milliseconds(20)) == .noAnswer {
            return (server, first)
        }
        throw stop(.couldNotRun, "this machine answers clients although the server's queue is full")
    }
}
