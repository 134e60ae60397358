import Foundation
import Sockets

/// The descriptors that a loop waits for, and what it waits for on each. poll(2).
struct Poller {
    private var entries: [pollfd] = []
    /// Where in `entries` a descriptor is.
    private var places: [Int32: Int] = [:]

    /// Waits for `events` on `descriptor` from now on, in place of what was waited for before. With none,
    /// only a broken connection is told.
    mutating func watch(_ descriptor: Int32, for events: Events) {
        if let place = places[descriptor] {
            entries[place].events = events.rawValue
        } else {
            places[descriptor] = entries.count
            entries.append(pollfd(fd: descriptor, events: events.rawValue, revents: 0))
        }
    }

    /// Waits for nothing on `descriptor` any more. To be called before the descriptor is closed.
    mutating func forget(_ descriptor: Int32) {
        guard let place = places.removeValue(forKey: descriptor), let last = entries.popLast() else { return }
        if last.fd == descriptor { return }
        entries[place] = last
        places[last.fd] = place
    }

    /// Waits until something happens.
    ///
    /// - Parameter limit: the longest time to wait; nil is for ever.
    /// - Returns: what happened, and on which descriptors; nothing after `limit`, or when a signal came.
    mutating func wait(atMost limit: Duration? = nil) throws(SocketError) -> [(
        descriptor: Int32, events: Events
    )] {
        let milliseconds = limit.map { Int32(($0 / .milliseconds(1)).rounded(.up)) } ?? -1
        let count = poll(&entries, nfds_t(entries.count), milliseconds)
        let errno = Errno.last
        if count == -1 && errno == Errno(EINTR) { return [] }
        if count == -1 { throw SocketError(call: "poll", errno: errno) }
        return entries.lazy.filter { $0.revents != 0 }.map { ($0.fd, Events(rawValue: $0.revents)) }
    }
}
