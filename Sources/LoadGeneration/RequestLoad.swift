import Sockets

/// Clients in a closed loop, all in one thread: ``Load/requests(clients:)``.
final class RequestLoad: EventDriven {
    let plan: LoadPlan
    private let server: SocketAddress
    private let count: Int
    private let lines: Lines
    private var poller: SystemPoller
    /// For what comes back; with room for more than there should be.
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * Lines.length, alignment: 64)
    /// By descriptor.
    private var clients: [RequestClient?] = []
    private var opened = 0
    private var answered = 0
    /// How many lines are on their way.
    private var waiting = 0
    private var goesOn = false
    private(set) var figures = Figures()

    init(_ plan: LoadPlan, _ server: SocketAddress, clients count: Int) throws(SocketError) {
        poller = try SystemPoller()
        self.plan = plan
        self.server = server
        self.count = count
        lines = Lines(expectsCapitals: plan.expectsCapitals)
    }

    deinit {
        room.deallocate()
    }

    func measure(_ ready: () -> Void) throws(Trouble) -> Figures {
        try gather()
        ready()
        try begin()
        try attend(during: plan.warmUp)
        figures.restart()
        let start = MonotonicTime.now
        try attend(during: plan.duration)
        figures.end(after: MonotonicTime.now - start)
        try settle()
        return figures
    }

    // MARK: - The course of a measurement

    /// How many clients at a time wait to be accepted: as many as every server's queue has room for. Where there is
    /// none the kernel drops their SYNs, and they try again after a second.
    private static let crowd = 3

    /// Connects the clients, and sees each answered while all before it stay connected.
    private func gather() throws(Trouble) {
        var patience = Patience(plan)
        while answered < count {
            while opened < count && opened - answered < Self.crowd { try open() }
            patience.note(try attend(for: .milliseconds(50)))
            if patience.isOver { throw .serves(answered, clients: count) }
        }
    }

    /// Has every client send, now and as soon as it has been answered.
    private func begin() throws(Trouble) {
        goesOn = true
        for client in clients { if let client { try send(client) } }
    }

    /// Takes the answers that are still to come: who was kept waiting longest must not be left out.
    private func settle() throws(Trouble) {
        goesOn = false
        var patience = Patience(plan)
        while waiting > 0 {
            patience.note(try attend(for: .milliseconds(50)))
            if patience.isOver { throw silence }
        }
    }

    var silence: Trouble { .silent(waiting, clients: count) }

    func attend(for time: Duration) throws(Trouble) -> Bool {
        let happened = try onSocket { () throws(SocketError) in try poller.wait(atMost: time) }
        for happening in happened {
            guard let client = clients[Int(happening.descriptor)] else { continue }
            if client.isConnected {
                try receive(client)
            } else {
                try finishConnecting(client)
            }
        }
        return !happened.isEmpty
    }

    // MARK: - A client

    private func open() throws(Trouble) {
        let client = RequestClient(try onSocket(makeSocket), at: 31 * opened * Lines.length)
        opened += 1
        let descriptor = client.socket.descriptor
        while clients.count <= descriptor { clients.append(nil) }
        clients[Int(descriptor)] = client
        try onSocket { () throws(SocketError) in
            do throws(SocketError) {
                try client.socket.connect(to: server)
            } catch let error where error.errno == Errno(EINPROGRESS) {
                // It goes on by itself, and makes the socket writable when it is done.
            }
            try poller.watch(descriptor, for: .writable)
        }
    }

    private func makeSocket() throws(SocketError) -> Socket {
        let socket = try Socket(server.domain, .stream)
        try socket.makeNonBlocking()
        try socket.sendAtOnce()
        return socket
    }

    private func finishConnecting(_ client: RequestClient) throws(Trouble) {
        try onSocket { () throws(SocketError) in
            if let errno = try client.socket.pendingError() {
                throw SocketError(call: "connect", errno: errno)
            }
            try poller.watch(client.socket.descriptor, for: .readable)
        }
        client.isConnected = true
        try send(client)
    }

    private func send(_ client: RequestClient) throws(Trouble) {
        client.begin()
        waiting += 1
        let line = lines.bytes(at: client.place, Lines.length)
        // The kernel has room for a line where the one before has come back: it never takes a part of it.
        let sent = try onSocket { () throws(SocketError) in try client.socket.send(line) }
        if sent < line.count { throw .unable("send(2) took a part of a line") }
    }

    private func receive(_ client: RequestClient) throws(Trouble) {
        let count: Int
        do throws(SocketError) {
            count = try client.socket.receive(into: room)
        } catch {
            if error.wouldBlock { return }
            throw Trouble(error)
        }
        if count == 0 { throw .ended(after: client.received, of: Lines.length) }
        if !client.isWaiting || client.received + count > Lines.length { throw .tooMuch }
        try lines.check(
            UnsafeRawBufferPointer(rebasing: room[..<count]),
            at: client.place + client.received,
            countedFrom: client.place
        )
        client.received += count
        if client.received == Lines.length { try finish(client) }
    }

    private func finish(_ client: RequestClient) throws(Trouble) {
        let latency = client.end()
        waiting -= 1
        if goesOn {
            figures.note(latency: latency)
            try send(client)
        } else if answered < self.count {
            answered += 1
        } else {
            figures.noteLate(latency: latency)
        }
    }
}
