import Sockets

/// One client after the other, each with a connection of its own: ``Load/connections``.
final class ConnectionLoad: Measurement {
    private let plan: LoadPlan
    private let server: SocketAddress
    private let lines: Lines
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * Lines.length, alignment: 64)
    /// Where the next line begins in ``Lines``.
    private var place = 0
    private var figures = Figures()

    init(_ plan: LoadPlan, _ server: SocketAddress) {
        self.plan = plan
        self.server = server
        lines = Lines(expectsCapitals: plan.expectsCapitals)
    }

    deinit {
        room.deallocate()
    }

    func measure(_ ready: () -> Void) throws(Trouble) -> Figures {
        ready()
        try connect(for: plan.warmUp)
        figures.restart()
        let start = MonotonicTime.now
        try connect(for: plan.duration)
        figures.end(after: MonotonicTime.now - start)
        return figures
    }

    private func connect(for nanoseconds: UInt64) throws(Trouble) {
        var now = MonotonicTime.now
        let end = now + nanoseconds
        while now < end {
            try serveOneClient()
            let next = MonotonicTime.now
            figures.note(latency: next - now)
            now = next
        }
    }

    /// Connects, has a line echoed, half-closes, and waits for the server's end of file.
    private func serveOneClient() throws(Trouble) {
        var deadline = plan.deadline
        let socket = try onSocket { () throws(SocketError) in
            let socket = try Socket(server.domain, .stream)
            try socket.connect(to: server, until: &deadline)
            return socket
        }
        let line = lines.bytes(at: place, Lines.length)
        let sent = try onSocket { () throws(SocketError) in try socket.send(line) }
        if sent < line.count { throw .unable("send(2) took a part of a line") }
        var received = 0
        while received < Lines.length {
            let count = try receive(from: socket, &deadline)
            if count == 0 { throw .ended(after: received, of: Lines.length) }
            if received + count > Lines.length { throw .tooMuch }
            let bytes = UnsafeRawBufferPointer(rebasing: room[..<count])
            try lines.check(bytes, at: place + received, countedFrom: place)
            received += count
        }
        place += Lines.length
        try onSocket { () throws(SocketError) in try socket.shutdown(.write) }
        if try receive(from: socket, &deadline) > 0 { throw .tooMuch }
    }

    /// Returns how many bytes came; 0 at the end of file.
    private func receive(from socket: borrowing Socket, _ deadline: inout Deadline) throws(Trouble) -> Int {
        let descriptor = socket.descriptor
        do throws(SocketError) {
            if try waitFor(.readable, on: descriptor, until: &deadline).isEmpty {
                throw SocketError(call: "recv", errno: Errno(ETIMEDOUT))
            }
            return try socket.receive(into: room)
        } catch {
            throw error.errno == Errno(ETIMEDOUT) ? .silent(1, clients: 1) : Trouble(error)
        }
    }
}
