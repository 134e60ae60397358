#if os(Linux)

import CSockets

/// A ``Poller`` for Linux: the kernel keeps the list, and tells only the descriptors on which something
/// happened. epoll(7).
public struct EpollPoller: Poller, ~Copyable {
    private let descriptor: Int32
    /// What the kernel has been asked for, by descriptor: so it's asked again only for something else.
    private var watched: [Events?] = []
    /// What the kernel writes to, and what the last wait gave: both kept for their memory.
    private var events = [epoll_event](repeating: epoll_event(), count: 256)
    private var happened: [Happening] = []

    /// epoll_create1(2).
    public init() throws(SocketError) {
        descriptor = try retrying("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    }

    deinit {
        close(descriptor)
    }

    /// epoll_ctl(2). ENOSPC: the user watches as many descriptors as the system allows. EPERM: it is a file
    /// of a kind that never makes anybody wait, which only poll(2) takes.
    public mutating func watch(_ descriptor: Int32, for events: Events) throws(SocketError) {
        while watched.count <= descriptor { watched.append(nil) }
        let before = watched[Int(descriptor)]
        if before == events { return }
        try control(before == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, events)
        watched[Int(descriptor)] = events
    }

    public mutating func forget(_ descriptor: Int32) {
        guard watched.indices.contains(Int(descriptor)), watched[Int(descriptor)] != nil else { return }
        watched[Int(descriptor)] = nil
        try? control(EPOLL_CTL_DEL, descriptor, [])
    }

    private func control(
        _ operation: Int32,
        _ watched: Int32,
        _ events: Events
    ) throws(SocketError) {
        var event = epoll_event(events: UInt32(events.rawValue), data: epoll_data_t(fd: watched))
        try retrying("epoll_ctl") { epoll_ctl(descriptor, operation, watched, &event) }
    }

    /// epoll_wait(2). At most 256 descriptors: the others are told by the next wait.
    public mutating func wait(atMost limit: Duration?) throws(SocketError) -> [Happening] {
        let milliseconds = limit?.wholeMilliseconds ?? -1
        let count = try countUnlessInterrupted("epoll_wait") {
            epoll_wait(descriptor, &events, Int32(events.count), milliseconds)
        }
        happened.removeAll(keepingCapacity: true)
        for event in events[..<count] {
            // The bits of EPOLLIN and its like are those of POLLIN and its like.
            let told = Events(rawValue: Int16(truncatingIfNeeded: event.events))
            happened.append(Happening(told, on: event.data.fd))
        }
        return happened
    }
}

#endif
