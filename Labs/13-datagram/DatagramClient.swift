// Stage 13, datagram: the client. Nobody tells it that a packet was lost, so it waits, and sends again.
//
//   Handout   Labs/13-datagram/README.md
//   Run       swift run datagram-client 127.0.0.1 7007
//   Check     swift run lab check datagram

import LabSupport

@main
struct DatagramClient {
    static func main() {
        let (host, port) = hostAndPortArguments(usage: "datagram-client HOST PORT")

        let addresses = resolve(host, port)
        // Of datagrams, connect(2) only notes where they go: nothing is sent, and nobody needs to be there.
        let (socket, peer) = connectToFirst(of: addresses)
        let server = hostAndPort(of: peer)
        freeaddrinfo(addresses)
        if limitWaiting(on: socket) == -1 { fail("setsockopt") }

        while let line = nextInputLine() {
            if !exchange(line, over: socket) { fail(because: "no reply from \(server)") }
            show(line[...] + [UInt8(ascii: "\n")])
        }
    }
}

/// Step 5. Returns the addresses of `host` at `port`, a number or a service's name, for UDP: a list, of which
/// the first is to be tried first. A host or a port that is not known ends the program.
func resolve(_ host: String, _ port: String) -> UnsafeMutablePointer<addrinfo> {
    todo(5)
}

/// Step 6. Sets SO_RCVTIMEO: recv(2) waits for 500 milliseconds at most, and then fails with EAGAIN.
/// Returns 0, or -1 with the reason in `errno`.
func limitWaiting(on socket: Int32) -> Int32 {
    todo(6)
}

/// Step 7. Sends `line` as one datagram, and again where no reply comes, three times in all. Returns whether
/// the reply came.
func exchange(_ line: [UInt8], over socket: Int32) -> Bool {
    todo(7)
}

/// Step 8. Receives until a datagram comes that equals `line`. Returns true then, and false when nothing has
/// come for as long as recv(2) waits. Any other failure ends the program.
func awaitReply(_ line: [UInt8], from socket: Int32) -> Bool {
    todo(8)
}

// MARK: - From stage 9

/// Writes all of `bytes` to standard output, at once, in as many calls as it takes. A failure ends the
/// program.
func show(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if count == -1 && errno == EINTR { continue }
        if count == -1 { fail("write") }
        rest = rest.dropFirst(count)
    }
}

// MARK: - From stage 8

/// Tries the addresses in turn, each with a socket of its own. Returns the first connection that is
/// made, and the address that answered. Where none does, the program ends with what the last attempt failed
/// of.
func connectToFirst(of addresses: UnsafeMutablePointer<addrinfo>) -> (connection: Int32, peer: addrinfo) {
    var failedCall = "connect"
    for candidate in sequence(first: addresses, next: { $0.pointee.ai_next }) {
        let address = candidate.pointee
        let connection = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
        if connection == -1 {
            failedCall = "socket"
            continue
        }
        if connectSocket(connection, to: address) == 0 { return (connection, address) }

        // A socket whose connect(2) has failed is used up. close(2) may change errno, which is still to be
        // told.
        let reason = errno
        close(connection)
        errno = reason
        failedCall = "connect"
    }
    fail(failedCall)
}

/// Calls connect(2), and waits until the connection stands. Returns 0, or -1 with the reason in
/// `errno`.
func connectSocket(_ socket: Int32, to address: addrinfo) -> Int32 {
    if connect(socket, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
    if errno != EINTR { return -1 }

    // Interrupted, connect(2) goes on by itself. Once it is done the socket is writable, and SO_ERROR tells
    // how it went.
    var waiting = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
    while poll(&waiting, 1, -1) == -1 {
        if errno != EINTR { return -1 }
    }
    var reason: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    if getsockopt(socket, SOL_SOCKET, SO_ERROR, &reason, &length) == -1 { return -1 }
    errno = reason
    return reason == 0 ? 0 : -1
}

/// Returns `address` as people write it: `127.0.0.1:7007`, or for IPv6 `[::1]:7007`.
func hostAndPort(of address: addrinfo) -> String {
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let code = getnameinfo(
        address.ai_addr,
        address.ai_addrlen,
        &host,
        socklen_t(host.count),
        &port,
        socklen_t(port.count),
        NI_NUMERICHOST | NI_NUMERICSERV
    )
    if code != 0 { fail("getnameinfo", because: String(cString: gai_strerror(code))) }
    return address.ai_family == AF_INET6 ? "[\(text(host))]:\(text(port))" : "\(text(host)):\(text(port))"
}

/// What a C string holds: the characters before its zero.
func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self)
}

// MARK: - From stage 5

/// Receives what has arrived on `connection`, at most `buffer.count` bytes, or waits for it.
/// Returns how many bytes that were, 0 at the client's end of file, or -1 with the reason in `errno`.
func receive(from connection: Int32, into buffer: inout [UInt8]) -> Int {
    while true {
        let count = recv(connection, &buffer, buffer.count, 0)
        // A signal that came while we waited is no failure: wait again.
        if count == -1 && errno == EINTR { continue }
        return count
    }
}
