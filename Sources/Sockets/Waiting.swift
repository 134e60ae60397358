/// What can happen to a descriptor. poll(2).
public struct Events: OptionSet, Hashable, Sendable {
    public let rawValue: Int16

    public init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    /// There is something to read, a connection to accept, or the end of file: POLLIN.
    public static let readable = Events(rawValue: Int16(POLLIN))
    /// There is room to write, or a connect(2) is done: POLLOUT.
    public static let writable = Events(rawValue: Int16(POLLOUT))
    /// Both directions have ended. Told unasked: POLLHUP.
    public static let hangUp = Events(rawValue: Int16(POLLHUP))
    /// The connection is broken: the next call tells why. Told unasked: POLLERR.
    public static let failed = Events(rawValue: Int16(POLLERR))
}

/// Waits until one of `events` happens to `descriptor`, or `deadline` has passed. poll(2).
///
/// - Parameter isHopeless: asked whenever nothing has happened for some time; true ends the wait.
/// - Returns: what happened; nothing where the deadline has passed.
public func waitFor(
    _ events: Events,
    on descriptor: Int32,
    until deadline: inout Deadline,
    unless isHopeless: () -> Bool = { false }
) throws(SocketError) -> Events {
    while !deadline.hasPassed {
        let happened = try poll(descriptor, for: events, milliseconds: deadline.slice)
        if !happened.isEmpty { return happened }
        if isHopeless() { break }
        deadline.charge()
    }
    return []
}

/// Waits until one of `events` happens to `descriptor`, for as long as that takes. poll(2).
@discardableResult
public func waitFor(_ events: Events, on descriptor: Int32) throws(SocketError) -> Events {
    try poll(descriptor, for: events, milliseconds: -1)
}

private func poll(
    _ descriptor: Int32,
    for events: Events,
    milliseconds: Int32
) throws(SocketError) -> Events {
    var entry = pollfd(fd: descriptor, events: events.rawValue, revents: 0)
    try retrying("poll") { poll(&entry, 1, milliseconds) }
    return Events(rawValue: entry.revents)
}

extension Socket {
    /// Makes the socket non-blocking and connects it, within `deadline`. connect(2), poll(2).
    ///
    /// Throws what the peer answered (ECONNREFUSED), or ETIMEDOUT where it had not answered when the deadline
    /// passed.
    public func connect(to address: SocketAddress, until deadline: inout Deadline) throws(SocketError) {
        try makeNonBlocking()
        do {
            return try connect(to: address)
        } catch let error where error.errno == Errno(EINPROGRESS) {
            // It goes on by itself, and makes the socket writable when it's done.
        }
        if try waitFor(.writable, on: descriptor, until: &deadline).isEmpty {
            throw SocketError(call: "connect", errno: Errno(ETIMEDOUT))
        }
        if let errno = try pendingError() { throw SocketError(call: "connect", errno: errno) }
    }
}
