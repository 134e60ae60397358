/// Waits for events on any number of descriptors at once, and goes on telling them until they are dealt with
/// (level-triggered).
///
/// ``PollPoller`` does it with poll(2), which every system has, and ``EpollPoller`` with epoll(7), whose cost
/// doesn't grow with the number of descriptors on which nothing happens.
public protocol Poller: ~Copyable {
    init() throws(SocketError)

    /// Waits for `events` on `descriptor` from now on, in place of what was waited for before. With none,
    /// only a broken connection is told.
    mutating func watch(_ descriptor: Int32, for events: Events) throws(SocketError)

    /// Waits for nothing on `descriptor` any more. To be called before the descriptor is closed.
    mutating func forget(_ descriptor: Int32)

    /// Waits until something happens.
    ///
    /// - Parameter limit: the longest time to wait; nil is for ever.
    /// - Returns: what happened, each descriptor once; nothing after `limit`, or when a signal came.
    mutating func wait(atMost limit: Duration?) throws(SocketError) -> [Happening]
}

extension Poller where Self: ~Copyable {
    /// Waits until something happens, for as long as that takes.
    public mutating func wait() throws(SocketError) -> [Happening] { try wait(atMost: nil) }
}

/// What happened on one descriptor.
public struct Happening: Hashable, Sendable {
    public let descriptor: Int32
    public let events: Events

    public init(_ events: Events, on descriptor: Int32) {
        self.descriptor = descriptor
        self.events = events
    }
}

extension Duration {
    /// As poll(2) and epoll_wait(2) take it: rounded up, so that neither returns before the time is over.
    var wholeMilliseconds: Int32 {
        Int32(clamping: Int((self / .milliseconds(1)).rounded(.up)))
    }
}

/// Makes a call that waits. A signal ends it, and nothing has happened then: it's for the caller to wait
/// again.
///
/// - Returns: how many descriptors the call told.
func countUnlessInterrupted(_ name: String, _ body: () -> Int32) throws(SocketError) -> Int {
    let count = body()
    let errno = Errno.last
    if count == -1 && errno != Errno(EINTR) { throw SocketError(call: name, errno: errno) }
    return Int(max(0, count))
}
