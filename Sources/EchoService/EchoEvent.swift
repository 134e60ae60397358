import Sockets

/// What happened at an echo server.
public enum EchoEvent: Hashable, Sendable {
    /// A client has connected, from this address.
    case accepted(SocketAddress)
    /// The connection of this client is closed: by an orderly end, or because of this error.
    case closed(SocketAddress, Errno?)
}
