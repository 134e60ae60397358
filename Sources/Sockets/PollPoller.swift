/// A ``Poller`` for every system. poll(2).
///
/// Each wait hands the kernel the whole list, and looks through all of it after: with a thousand descriptors
/// that is most of a server's work.
public struct PollPoller: Poller, ~Copyable {
    private var entries: [pollfd] = []
    /// Where in `entries` a descriptor is; -1: nowhere.
    private var places: [Int] = []
    /// What the last wait gave, kept for its memory.
    private var happened: [Happening] = []

    public init() {}

    public mutating func watch(_ descriptor: Int32, for events: Events) {
        while places.count <= descriptor { places.append(-1) }
        let place = places[Int(descriptor)]
        if place != -1 {
            entries[place].events = events.rawValue
        } else {
            places[Int(descriptor)] = entries.count
            entries.append(pollfd(fd: descriptor, events: events.rawValue, revents: 0))
        }
    }

    public mutating func forget(_ descriptor: Int32) {
        guard places.indices.contains(Int(descriptor)), places[Int(descriptor)] != -1 else { return }
        let place = places[Int(descriptor)]
        entries.swapAt(place, entries.count - 1)
        places[Int(entries[place].fd)] = place
        entries.removeLast()
        places[Int(descriptor)] = -1
    }

    public mutating func wait(atMost limit: Duration?) throws(SocketError) -> [Happening] {
        let milliseconds = limit?.wholeMilliseconds ?? -1
        let count = try countUnlessInterrupted("poll") {
            poll(&entries, nfds_t(entries.count), milliseconds)
        }
        happened.removeAll(keepingCapacity: true)
        if count == 0 { return happened }
        for entry in entries where entry.revents != 0 {
            happened.append(Happening(Events(rawValue: entry.revents), on: entry.fd))
        }
        return happened
    }
}
