import Sockets

/// One client that sends as much as it can, while it takes what comes back: ``Load/stream``.
final class StreamLoad: EventDriven {
    let plan: LoadPlan
    private let server: SocketAddress
    private let socket: Socket
    private let lines: Lines
    private var poller: SystemPoller
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Lines.period, alignment: 64)
    /// How many bytes may be on their way: enough to keep any server busy, and little enough to be waited for at
    /// the end.
    private static let window = 1 << 20
    /// In bytes.
    private var sent = 0
    private var received = 0
    /// Whether we have half-closed.
    private var isEnding = false
    private var hasEnded = false
    private(set) var figures = Figures()

    init(_ plan: LoadPlan, _ server: SocketAddress) throws(SocketError) {
        socket = try Socket(server.domain, .stream)
        poller = try SystemPoller()
        self.plan = plan
        self.server = server
        lines = Lines(expectsCapitals: plan.expectsCapitals)
    }

    deinit {
        room.deallocate()
    }

    func measure(_ ready: () -> Void) throws(Trouble) -> Figures {
        var deadline = plan.deadline
        try onSocket { () throws(SocketError) in
            try socket.connect(to: server, until: &deadline)
            try poller.watch(socket.descriptor, for: [.readable, .writable])
        }
        ready()
        try attend(during: plan.warmUp)
        figures.restart()
        let start = MonotonicTime.now
        try attend(during: plan.duration)
        figures.end(after: MonotonicTime.now - start)
        try finish()
        return figures
    }

    /// Ends the stream by a half-close, and takes what is still to come.
    private func finish() throws(Trouble) {
        try onSocket { () throws(SocketError) in
            try socket.shutdown(.write)
            try poller.watch(socket.descriptor, for: .readable)
        }
        isEnding = true
        var patience = Patience(plan)
        while !hasEnded && !patience.isOver { patience.note(try attend(for: .milliseconds(50))) }
        // One that is only slow has been measured all the same.
        if !hasEnded && patience.hadNothing { throw silence }
    }

    var silence: Trouble { .silent(1, clients: 1) }

    func attend(for time: Duration) throws(Trouble) -> Bool {
        let happened = try onSocket { () throws(SocketError) in try poller.wait(atMost: time) }
        for happening in happened {
            // What comes first: a server that waits to send reads nothing.
            if happening.events != .writable { try receive() }
            if happening.events.contains(.writable) { try send() }
        }
        if !isEnding && !happened.isEmpty { try watch() }
        return !happened.isEmpty
    }

    private func watch() throws(Trouble) {
        let events: Events = sent - received < Self.window ? [.readable, .writable] : .readable
        try onSocket { () throws(SocketError) in try poller.watch(socket.descriptor, for: events) }
    }

    private func send() throws(Trouble) {
        do throws(SocketError) {
            sent += try socket.send(lines.bytes(at: sent, Lines.period))
        } catch {
            if !error.wouldBlock { throw Trouble(error) }
        }
    }

    private func receive() throws(Trouble) {
        let count: Int
        do throws(SocketError) {
            count = try socket.receive(into: room)
        } catch {
            if error.wouldBlock { return }
            throw Trouble(error)
        }
        if count == 0 {
            hasEnded = true
            if received < sent || !isEnding { throw .ended(after: received, of: sent) }
        }
        if received + count > sent { throw .tooMuch }
        try lines.check(UnsafeRawBufferPointer(rebasing: room[..<count]), at: received)
        received += count
        if !isEnding { figures.note(count) }
    }
}
