// epoll(7), told of edges: a client's turn ends when a call would wait, or after some steps.
import Glibc

func quit(_ call: String) -> Never {
    perror(call)
    exit(1)
}

func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    if write(1, bytes, bytes.count) == -1 { exit(1) }
}

func name(_ address: sockaddr_in) -> String {
    let bytes = withUnsafeBytes(of: address.sin_addr) { $0.map(String.init) }
    return bytes.joined(separator: ".") + ":\(UInt16(bigEndian: address.sin_port))"
}

func with(
    _ address: inout sockaddr_in,
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
) -> Int32 {
    var length: socklen_t = 16
    return withUnsafeMutableBytes(of: &address) {
        body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
}

guard CommandLine.argc == 2, let port = UInt16(CommandLine.arguments[1]) else {
    fputs("usage: poll-server PORT\n", stderr)
    exit(64)
}
signal(SIGPIPE, SIG_IGN)
for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(0) } }

let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
if listener == -1 { quit("socket") }
var on: Int32 = 1
if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { quit("setsockopt") }
var own = sockaddr_in()
own.sin_family = sa_family_t(AF_INET)
own.sin_port = port.bigEndian
own.sin_addr.s_addr = inet_addr("127.0.0.1")
if with(&own, { bind(listener, $0, $1.pointee) }) == -1 { quit("bind") }
if listen(listener, 5) == -1 { quit("listen") }
if with(&own, { getsockname(listener, $0, $1) }) == -1 { quit("getsockname") }
say("listening on \(name(own))")

var epoll = Epoll()
// Not on the edge: a client that could not be accepted is told of again.
epoll.add(listener, readable, onEdge: false)
var connections: [Int32: Connection] = [:]
var unfinished: [Int32] = []

func acceptOne() {
    var peer = sockaddr_in()
    let connection = with(&peer) { accept(listener, $0, $1) }
    if connection == -1 { return }
    if fcntl(connection, F_SETFL, O_NONBLOCK) == -1 { perror("fcntl") }
    say("accepted \(name(peer))")
    connections[connection] = Connection(connection, name(peer))
    epoll.add(connection, readable | writable, onEdge: true)
}

func takeTurn(_ connection: Connection) {
    for _ in 1...8 {
        switch connection.step() {
        case .wait: return
        case .again: continue
        case .close:
            connections[connection.socket] = nil
            shutdown(connection.socket, Int32(SHUT_WR))
            close(connection.socket)
            say("closed \(connection.name)")
            return
        }
    }
    unfinished.append(connection.socket)
}

while true {
    // Whoever has not finished has its next turn after those to whom something has happened by now.
    if unfinished.isEmpty {
        for ready in epoll.wait() {
            if ready == listener { acceptOne() } else if let client = connections[ready] { takeTurn(client) }
        }
    } else {
        var watched = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        if poll(&watched, 1, 0) == 1 { acceptOne() }
        let turns = Set(unfinished + connections.keys)
        unfinished = []
        for client in turns { connections[client].map(takeTurn) }
    }
}
