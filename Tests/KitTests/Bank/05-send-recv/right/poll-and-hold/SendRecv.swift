// Non-blocking sockets and one poll(2) for both directions: receives only what there is room to hold.
import LabSupport

@main
struct SendRecv {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        let listener = listeningSocket(portArgument(usage: "send-recv PORT"))
        let connection = nextClient(of: listener)
        var held: [UInt8] = []
        var hasEnded = false
        while !hasEnded || !held.isEmpty {
            var events: Int16 = 0
            if !hasEnded && held.count < 10_000 { events |= Int16(POLLIN) }
            if !held.isEmpty { events |= Int16(POLLOUT) }
            var state = pollfd(fd: connection, events: events, revents: 0)
            if poll(&state, 1, -1) == -1 {
                if errno == EINTR { continue }
                fail("poll")
            }
            if events & Int16(POLLIN) != 0 { hasEnded = take(from: connection, into: &held) }
            if !held.isEmpty { give(&held, to: connection) }
        }
    }

    /// True: the client has ended.
    static func take(from connection: Int32, into held: inout [UInt8]) -> Bool {
        var result = 0
        held += [UInt8](unsafeUninitializedCapacity: 777) { buffer, count in
            result = recv(connection, buffer.baseAddress, buffer.count, 0)
            count = max(0, result)
        }
        if result == -1 && errno != EAGAIN && errno != EINTR { fail("recv") }
        return result == 0
    }

    static func give(_ held: inout [UInt8], to connection: Int32) {
        let count = send(connection, held, held.count, 0)
        if count == -1 && errno != EAGAIN && errno != EINTR { fail("send") }
        if count > 0 { held.removeFirst(count) }
    }

    static func nextClient(of listener: Int32) -> Int32 {
        var peer = sockaddr_in()
        while true {
            var state = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            _ = poll(&state, 1, -1)
            let connection = withGeneric(&peer) { accept(listener, $0, $1) }
            if connection == -1 {
                if errno == EAGAIN || errno == EINTR { continue }
                fail("accept")
            }
            _ = fcntl(connection, F_SETFL, O_NONBLOCK)
            announce("accepted \(text(peer))")
            return connection
        }
    }

    static func listeningSocket(_ port: in_port_t) -> Int32 {
        let listener = socket(AF_INET, SOCK_STREAM | O_NONBLOCK, Int32(IPPROTO_TCP))
        if listener == -1 { fail("socket") }
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = htons(port)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        if withGeneric(&address, { bind(listener, $0, $1.pointee) }) == -1 { fail("bind") }
        if listen(listener, 8) == -1 { fail("listen") }
        if withGeneric(&address, { getsockname(listener, $0, $1) }) == -1 { fail("getsockname") }
        announce("listening on \(text(address))")
        return listener
    }

    static func withGeneric(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutableBytes(of: &address) {
            body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        }
    }

    static func text(_ address: sockaddr_in) -> String {
        "\(String(cString: inet_ntoa(address.sin_addr))):\(ntohs(address.sin_port))"
    }
}
