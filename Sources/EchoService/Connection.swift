import Sockets

/// One client of an ``EchoLoop``.
protocol Connection: AnyObject {
    /// - Parameter accepted: a non-blocking connection.
    init(_ accepted: consuming Socket.Accepted, _ configuration: EchoConfiguration) throws(SocketError)

    var peer: SocketAddress { get }
    var descriptor: Int32 { get }

    /// What has to happen before ``advance(after:with:)`` can do anything.
    var interest: Events { get }

    /// When there is something to do although nothing happens; nil: never.
    var dueTime: ContinuousClock.Instant? { get }

    /// Moves what can be moved without waiting, and ends what has come to its end.
    ///
    /// - Parameters:
    ///   - events: what happened.
    ///   - chunks: where room for bytes comes from.
    /// - Returns: whether the connection goes on.
    func advance(after events: Events, with chunks: inout Chunks) throws(SocketError) -> Bool

    /// Called last, before the connection is closed by letting go of it.
    ///
    /// - Parameter errno: why it is broken; nil where it came to an orderly end.
    func noteEnd(_ errno: Errno?)
}

extension Connection {
    var dueTime: ContinuousClock.Instant? { nil }

    func noteEnd(_ errno: Errno?) {}
}
