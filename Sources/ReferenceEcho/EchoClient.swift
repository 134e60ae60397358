import Foundation
import Sockets

/// The client by hand: sends what comes from one descriptor, and writes what comes back to another, both at
/// any time.
public final class EchoClient {
    private let socket: Socket
    private let input: Int32
    private let output: Int32
    private let prompts: Bool

    /// Not the faster ``EpollPoller``: it takes no files, and `input` may be one.
    private var poller = PollPoller()
    /// What was read from `input` and not sent yet, and what came back and was not written to `output` yet.
    private var outgoing: [UInt8] = []
    private var incoming: [UInt8] = []
    private var inputHasEnded = false
    private var serverHasEnded = false
    private var sentCount = 0
    private var receivedCount = 0
    private var failure: SocketError?

    /// A pipe has room for as much when it's writable. pipe(7), PIPE_BUF.
    private static let piece = 4096
    private static let capacity = 65_536

    /// - Parameters:
    ///   - socket: connected to the server.
    ///   - input: what to send, until its end of file; then the server gets a FIN.
    ///   - output: where to write what comes back.
    ///   - prompts: whether to write `> ` when it is somebody's turn to type.
    public init(
        _ socket: consuming Socket,
        input: Int32 = STDIN_FILENO,
        output: Int32 = STDOUT_FILENO,
        prompts: Bool = false
    ) throws(SocketError) {
        try socket.makeNonBlocking()
        self.socket = socket
        self.input = input
        self.output = output
        self.prompts = prompts
    }

    /// Runs until the server has ended and everything that came is written.
    ///
    /// - Returns: why the server ended before everything came back, as a line for people; nil where
    ///   everything did.
    /// - Throws: a `read` of the input or a `write` of the output that failed.
    public func run() throws(SocketError) -> String? {
        try promptIfIdle()
        while !(serverHasEnded && incoming.isEmpty) {
            watch()
            for happening in try poller.wait() {
                switch happening.descriptor {
                case input: try readInput()
                case output: try writeOutput()
                default: moveBytes(after: happening.events)
                }
            }
        }
        if inputHasEnded && outgoing.isEmpty && receivedCount >= sentCount { return nil }
        return failure?.description
            ?? "the server ended when \(receivedCount) of \(sentCount) bytes had come back"
    }

    private func watch() {
        watch(input, for: .readable, when: !inputHasEnded && !serverHasEnded && outgoing.isEmpty)
        watch(output, for: .writable, when: !incoming.isEmpty)

        var events: Events = []
        if incoming.count < Self.capacity { events.insert(.readable) }
        if !outgoing.isEmpty { events.insert(.writable) }
        watch(socket.descriptor, for: events, when: !serverHasEnded && !events.isEmpty)
    }

    private func watch(_ descriptor: Int32, for events: Events, when isWanted: Bool) {
        if isWanted {
            poller.watch(descriptor, for: events)
        } else {
            poller.forget(descriptor)
        }
    }

    private func readInput() throws(SocketError) {
        var buffer = [UInt8](repeating: 0, count: Self.capacity)
        let count = try retrying("read") { read(input, &buffer, buffer.count) }
        outgoing = Array(buffer[..<count])
        inputHasEnded = count == 0
        if inputHasEnded { endOurSide() }
        try promptIfIdle()
    }

    private func writeOutput() throws(SocketError) {
        let count = try retrying("write") { write(output, incoming, min(incoming.count, Self.piece)) }
        incoming.removeFirst(count)
        try promptIfIdle()
    }

    private func moveBytes(after events: Events) {
        // First what comes: where sending fails, it is the last chance to take it.
        if events != .writable { receive() }
        if !outgoing.isEmpty && !serverHasEnded { send() }
    }

    private func receive() {
        do throws(SocketError) {
            let bytes = try socket.receive(atMost: Self.capacity)
            serverHasEnded = bytes.isEmpty
            receivedCount += bytes.count
            incoming += bytes
        } catch {
            note(error)
        }
    }

    private func send() {
        do throws(SocketError) {
            let count = try socket.send(outgoing[...])
            outgoing.removeFirst(count)
            sentCount += count
        } catch {
            note(error)
        }
    }

    private func endOurSide() {
        do throws(SocketError) {
            try socket.shutdown(.write)
        } catch {
            note(error)
        }
    }

    private func note(_ error: SocketError) {
        if error.wouldBlock { return }
        failure = error
        serverHasEnded = true
    }

    /// Prompts where everything that was typed has come back.
    private func promptIfIdle() throws(SocketError) {
        let isIdle = outgoing.isEmpty && incoming.isEmpty && receivedCount >= sentCount
        guard prompts && isIdle && !inputHasEnded else { return }
        try retrying("write") { write(output, "> ", 2) }
    }
}
