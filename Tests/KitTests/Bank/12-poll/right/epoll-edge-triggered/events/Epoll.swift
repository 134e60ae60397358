import Glibc

// Glibc's module leaves epoll out.

struct EpollEvent {
    var events: UInt32
    // The kernel packs this on x86-64 alone.
    #if !arch(x86_64)
    var gap: Int32 = 0
    #endif
    var low: Int32
    var high: Int32 = 0
}

@_silgen_name("epoll_create1")
private func epoll_create1(_ flags: Int32) -> Int32
@_silgen_name("epoll_ctl")
private func epoll_ctl(_ epoll: Int32, _ what: Int32, _ fd: Int32, _ event: UnsafeMutableRawPointer) -> Int32
@_silgen_name("epoll_wait")
private func epoll_wait(_ epoll: Int32, _ events: UnsafeMutableRawPointer, _ room: Int32, _: Int32) -> Int32

let readable: UInt32 = 1
let writable: UInt32 = 4
private let edgeTriggered: UInt32 = 1 << 31

struct Epoll {
    private let descriptor = epoll_create1(0)
    private var events = [EpollEvent](repeating: EpollEvent(events: 0, low: 0), count: 128)

    func add(_ socket: Int32, _ events: UInt32, onEdge: Bool) {
        var event = EpollEvent(events: events | (onEdge ? edgeTriggered : 0), low: socket)
        if epoll_ctl(descriptor, 1, socket, &event) == -1 { perror("epoll_ctl") }
    }

    mutating func wait() -> [Int32] {
        let count = epoll_wait(descriptor, &events, Int32(events.count), -1)
        return events.prefix(max(0, Int(count))).map(\.low)
    }
}
