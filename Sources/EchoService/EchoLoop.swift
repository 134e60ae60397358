import Sockets

/// The one thread of an echo server: waits until something happens to any socket, and does what can be done
/// then. It never waits for one client alone.
struct EchoLoop<Client: Connection, Waiting: Poller & ~Copyable>: ~Copyable {
    private let listener: Socket
    private let configuration: EchoConfiguration
    private let delays: Bool
    private var poller: Waiting
    private var chunks: Chunks
    /// By descriptor: the kernel gives out the lowest that is free, so the list has few holes.
    private var clients: [Client?] = []
    /// There is no descriptor for another client, so accept(2) is not tried until one is free, or until
    /// `pauseEnd`.
    private var isFull = false
    private var pauseEnd = ContinuousClock.now

    init(_ listener: consuming Socket, _ configuration: EchoConfiguration, _ poller: consuming Waiting) {
        self.listener = listener
        self.configuration = configuration
        self.poller = poller
        delays = configuration.misbehaviour.delay != nil
        chunks = Chunks(capacity: configuration.buffer)
    }

    /// Serves until the descriptor `end` is readable.
    mutating func run(until end: Int32, _ report: (EchoEvent) -> Void) throws(SocketError) {
        try poller.watch(end, for: .readable)
        if !configuration.misbehaviour.refuses { try poller.watch(listener.descriptor, for: .readable) }
        while true {
            for happening in try poller.wait(atMost: patience) {
                switch happening.descriptor {
                case end: return
                case listener.descriptor: try acceptClients(report)
                case let descriptor: serve(descriptor, after: happening.events, report)
                }
            }
            if isFull && pauseEnd <= .now { try resumeAccepting() }
            if delays { serveWhatIsDue(report) }
        }
    }

    /// How long may pass before there is something to do although nothing happened.
    private var patience: Duration? {
        if !isFull && !delays { return nil }
        let times = clients.compactMap { $0?.dueTime } + (isFull ? [pauseEnd] : [])
        return times.min().map { max(.zero, $0 - .now) }
    }

    // MARK: - Clients

    private mutating func serve(
        _ descriptor: Int32,
        after events: Events,
        _ report: (EchoEvent) -> Void
    ) {
        guard let client = clients[Int(descriptor)] else { return }
        do throws(SocketError) {
            if try client.advance(after: events, with: &chunks) {
                try poller.watch(descriptor, for: client.interest)
            } else {
                remove(client, because: nil, report)
            }
        } catch {
            if !error.wouldBlock { remove(client, because: error.errno, report) }
        }
    }

    private mutating func serveWhatIsDue(_ report: (EchoEvent) -> Void) {
        let now = ContinuousClock.now
        for client in clients {
            guard let client, let due = client.dueTime, due <= now else { continue }
            serve(client.descriptor, after: [], report)
        }
    }

    private mutating func remove(_ client: Client, because errno: Errno?, _ report: (EchoEvent) -> Void) {
        poller.forget(client.descriptor)
        clients[Int(client.descriptor)] = nil
        client.noteEnd(errno)
        report(.closed(client.peer, errno))
        // Its descriptor is free now.
        pauseEnd = .now
    }

    // MARK: - Accepting

    /// Takes some of the clients that wait in the queue. Where there are more, the poller tells it again, after
    /// the others have had their turn.
    private mutating func acceptClients(_ report: (EchoEvent) -> Void) throws(SocketError) {
        for _ in 1...64 {
            do throws(SocketError) {
                try add(Client(try listener.accept(isBlocking: false), configuration), report)
            } catch {
                if error.wouldBlock { return }
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC].contains(error.errno.rawValue) {
                    return try pauseAccepting()
                }
                // This client is gone (ECONNABORTED and the like): the next one may be there.
            }
        }
    }

    private mutating func add(_ client: Client, _ report: (EchoEvent) -> Void) throws(SocketError) {
        try poller.watch(client.descriptor, for: client.interest)
        while clients.count <= client.descriptor { clients.append(nil) }
        clients[Int(client.descriptor)] = client
        report(.accepted(client.peer))
    }

    /// The clients stay in the queue and keep the listener readable: waiting for that would burn the
    /// processor. A descriptor may become free in another part of this process too, so it is tried again.
    private mutating func pauseAccepting() throws(SocketError) {
        isFull = true
        pauseEnd = .now + .milliseconds(100)
        try poller.watch(listener.descriptor, for: [])
    }

    private mutating func resumeAccepting() throws(SocketError) {
        isFull = false
        try poller.watch(listener.descriptor, for: .readable)
    }
}
