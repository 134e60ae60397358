// One client at a time, behind epoll(7); a signal is one more descriptor that can be read.
import Glibc

// The Glibc module has neither.
@_silgen_name("epoll_create1") func makeEpoll(_ flags: Int32) -> Int32
@_silgen_name("epoll_ctl") func control(_: Int32, _: Int32, _: Int32, _: UnsafeMutablePointer<Event>) -> Int32
@_silgen_name("epoll_wait") func awaitEvents(_: Int32, _: UnsafeMutablePointer<Event>, _: Int32, _: Int32)
    -> Int32
@_silgen_name("signalfd") func makeSignals(_: Int32, _: UnsafePointer<sigset_t>, _: Int32) -> Int32

/// struct epoll_event: packed on x86-64, so `data` stands at 4, and is two halves here.
struct Event {
    var events: UInt32 = 0
    var descriptor: Int32 = 0
    var rest: Int32 = 0
    #if !arch(x86_64)
    var padding: Int32 = 0
    #endif
}

func check(_ result: Int32, _ call: String) -> Int32 {
    if result >= 0 { return result }
    perror(call)
    exit(1)
}

func say(_ words: String, _ address: sockaddr_in) {
    let line = "\(words) \(String(cString: inet_ntoa(address.sin_addr))):\(ntohs(address.sin_port))\n"
    write(1, line, line.utf8.count)
}

func withAddress(
    _ address: inout sockaddr_in,
    _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Int32
) -> Int32 {
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 2, let port = UInt16(arguments[1]) else {
    fputs("usage: \(arguments[0]) PORT\n", stderr)
    exit(64)
}
var signals = sigset_t()
sigemptyset(&signals)
sigaddset(&signals, SIGINT)
sigaddset(&signals, SIGTERM)
sigprocmask(SIG_BLOCK, &signals, nil)
let signalled = check(makeSignals(-1, &signals, 0), "signalfd")
signal(SIGPIPE, SIG_IGN)

let listener = check(socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0), "socket")
var on: Int32 = 1
_ = check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4), "setsockopt")
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = htons(port)
address.sin_addr.s_addr = inet_addr("127.0.0.1")
_ = check(withAddress(&address) { bind(listener, $0, $1) }, "bind")
_ = check(listen(listener, SOMAXCONN), "listen")
_ = check(withAddress(&address) { getsockname(listener, $0, &$1) }, "getsockname")
say("listening on", address)
let epoll = check(makeEpoll(0), "epoll_create1")

/// Waits for `events` on `descriptor`, or ends the program at a signal.
func wait(for events: UInt32, on descriptor: Int32) {
    var event = Event(events: 1, descriptor: signalled)
    _ = control(epoll, 1, signalled, &event)
    event = Event(events: events, descriptor: descriptor)
    _ = control(epoll, 1, descriptor, &event)
    var ready = Event()
    while awaitEvents(epoll, &ready, 1, -1) < 1 {}
    if ready.descriptor == signalled { exit(0) }
    _ = control(epoll, 2, descriptor, &event)
}

/// Sends all of `line`, as there is room; false where the client is gone.
func send(_ line: [UInt8], to client: Int32) -> Bool {
    var rest = line[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
            send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count < 0 && errno == EAGAIN {
            wait(for: 4, on: client)
        } else if count < 0 && errno != EINTR {
            return false
        }
        rest = rest.dropFirst(max(0, count))
    }
    return true
}

func serve(_ client: Int32) {
    var (buffer, line) = ([UInt8](repeating: 0, count: 65_537), [UInt8]())
    while true {
        let count = recv(client, &buffer, buffer.count, 0)
        if count < 0 {
            if errno == EAGAIN { wait(for: 1, on: client) } else if errno != EINTR { return }
            continue
        }
        if count == 0 {
            _ = send(line, to: client)
            return
        }
        for byte in buffer[..<count] {
            line.append((97...122).contains(byte) ? byte & 0x5F : byte)
            if line.count > 65_536 || byte == 10 && !send(line, to: client) { return }
            if byte == 10 { line.removeAll(keepingCapacity: true) }
        }
    }
}

while true {
    var peer = sockaddr_in()
    let client = withAddress(&peer) { accept(listener, $0, &$1) }
    if client < 0 {
        if errno == EAGAIN { wait(for: 1, on: listener) }
        continue
    }
    _ = fcntl(client, F_SETFL, O_NONBLOCK)
    say("accepted", peer)
    serve(client)
    close(client)
    say("closed", peer)
}
