import Sockets

/// Both ends of a connection, in a class since XCTest's autoclosures can't hold a `Socket` of their own.
final class Pair {
    let listener: Socket
    let client: Socket
    let peer: SocketAddress
    var server: Socket?

    init(on address: SocketAddress = .loopback(0)) throws {
        listener = try Socket(address.domain, .stream)
        try listener.bind(to: address)
        try listener.listen()
        client = try Socket(address.domain, .stream)
        try client.connect(to: listener.localAddress())
        let accepted = try listener.accept()
        peer = accepted.peer
        server = .some(accepted.socket)
    }
}
