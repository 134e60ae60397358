// Stage 8, connect: the other side.
//
//   Handout   Labs/08-connect/README.md
//   Run       swift run connect localhost 7007
//   Check     swift run lab check connect

import LabSupport

@main
struct Connect {
    static func main() {
        let (host, port) = hostAndPortArguments(usage: "connect HOST PORT")

        let addresses = resolve(host, port)
        let (_, peer) = connectToFirst(of: addresses)

        announce("connected to \(hostAndPort(of: peer))")
        freeaddrinfo(addresses)
        waitForEndOfInput()
    }
}

/// Step 1. Returns the addresses of `host` at `port`, a number or a service's name, for TCP: a list, of which
/// the first is to be tried first. A host or a port that is not known ends the program.
func resolve(_ host: String, _ port: String) -> UnsafeMutablePointer<addrinfo> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = SOCK_STREAM
    var addresses: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &addresses)
    guard code == 0, let addresses else { fail("getaddrinfo", because: String(cString: gai_strerror(code))) }
    return addresses
}

/// Step 2. Tries the addresses in turn, each with a socket of its own. Returns the first connection that is
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

/// Step 3. Calls connect(2), and waits until the connection stands. Returns 0, or -1 with the reason in
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

/// Step 4. Returns `address` as people write it: `127.0.0.1:7007`, or for IPv6 `[::1]:7007`.
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
