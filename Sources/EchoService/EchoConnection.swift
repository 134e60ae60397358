import Sockets

/// One client of the echo server. What comes from it is sent back at once, straight from where it was
/// received.
///
/// What the kernel doesn't take is kept, and nothing more is read until it has gone: that is at most one
/// chunk. TCP's window closes, and the client's own send(2) waits.
final class EchoConnection: Connection {
    let peer: SocketAddress
    private let socket: Socket
    private var owed: Chunk?

    init(_ accepted: consuming Socket.Accepted, _ configuration: EchoConfiguration) {
        peer = accepted.peer
        socket = accepted.socket
    }

    var descriptor: Int32 { socket.descriptor }

    var interest: Events { owed == nil ? .readable : .writable }

    func advance(after events: Events, with chunks: inout Chunks) throws(SocketError) -> Bool {
        let chunk = owed ?? chunks.take()
        owed = nil
        defer { if owed == nil { chunks.giveBack(chunk) } }

        // At the end of file nothing is owed any more. A client that has only half-closed gets what the kernel
        // has taken, and our FIN after it.
        if chunk.isEmpty, try !chunk.fill(from: socket) { return false }
        try chunk.drain(into: socket)
        if !chunk.isEmpty { owed = chunk }
        return true
    }
}
