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
        if let owed { return try advance(owed, &chunks) }

        // At the end of file nothing is owed any more. A client that has only half-closed gets what the kernel
        // has taken, and our FIN after it.
        guard try chunks.current.fill(from: socket) else { return false }
        try chunks.current.drain(into: socket)
        if !chunks.current.isEmpty { owed = chunks.takeCurrent() }
        return true
    }

    private func advance(_ chunk: Chunk, _ chunks: inout Chunks) throws(SocketError) -> Bool {
        try chunk.drain(into: socket)
        if chunk.isEmpty {
            owed = nil
            chunks.giveBack(chunk)
        }
        return true
    }
}
