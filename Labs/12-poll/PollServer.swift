// Stage 12, poll: thousands of clients in one thread.
//
//   Handout   Labs/12-poll/README.md
//   Run       swift run poll-server 7007
//   Check     swift run lab check poll

import LabSupport

@main
struct PollServer {
    static func main() {
        let port = portArgument(usage: "poll-server PORT")
        prepareSignals()

        var address = loopbackAddress(port: port)
        let listener = makeListener(at: address)
        address.sin_port = boundPort(of: listener).bigEndian
        announce("listening on \(hostAndPort(of: address))")

        serveClients(of: listener)
    }
}

/// Who is at the other end of a connection, and what came from there and has not been sent back yet.
struct Peer {
    var address = sockaddr_in()
    var owed: [UInt8] = []
}

/// Step 1. Serves every client of `listener`, for ever: waits until something happens to a socket, and does
/// what there is to do for each to which it did.
func serveClients(of listener: Int32) -> Never {
    todo(1)
}

/// Step 2. Has calls on `socket` fail with EAGAIN where they would wait. Returns 0, or -1 with the reason in
/// `errno`.
func makeNonBlocking(_ socket: Int32) -> Int32 {
    todo(2)
}

/// Step 3. Accepts every client that waits at the listening socket, and has it watched for what it sends.
func acceptClients(into watched: inout [pollfd], _ peers: inout [Peer]) {
    todo(3)
}

/// Step 4. Sends the client what it is owed; one that is owed nothing is received from, once, and sent that
/// back. Returns false where it is to be removed: after its end of file, or when it is gone.
func serve(_ client: inout pollfd, _ peer: inout Peer, through buffer: inout [UInt8]) -> Bool {
    todo(4)
}

/// Step 5. Sends as much of `bytes` as the kernel takes now; the rest is owed. A client that is owed something
/// is watched for room to send, and only then again for more. Returns false when the client is gone.
func sendBack(_ bytes: ArraySlice<UInt8>, to client: inout pollfd, _ peer: inout Peer) -> Bool {
    todo(5)
}

/// Step 6. Closes the connection at `place`, says so, and gives its place to the last client.
func removeClient(at place: Int, from watched: inout [pollfd], _ peers: inout [Peer]) {
    todo(6)
}

// MARK: - From stage 7

/// Has SIGINT and SIGTERM end the program at once, with status 0, and SIGPIPE not at all.
func prepareSignals() {
    // Few calls are safe in a signal handler. _exit(2) is, and the kernel closes what is open.
    signal(SIGINT) { _ in _exit(0) }
    signal(SIGTERM) { _ in _exit(0) }
    signal(SIGPIPE, SIG_IGN)
}

/// Returns a socket that listens at `address`. A call that fails ends the program.
func makeListener(at address: sockaddr_in) -> Int32 {
    let listener = makeSocket()
    if listener == -1 { fail("socket") }
    if allowReuse(of: listener) == -1 { fail("setsockopt") }
    if bindSocket(listener, to: address) == -1 { fail("bind") }
    if listen(listener, SOMAXCONN) == -1 { fail("listen") }
    return listener
}

// MARK: - From stage 6

/// Tells the client that nothing more will come: its next recv(2) returns 0.
/// Returns 0, or -1 with the reason in `errno`.
func endStream(to connection: Int32) -> Int32 {
    let result = shutdown(connection, Int32(SHUT_WR))
    // A client that has gone altogether needs no telling.
    return result == -1 && errno == ENOTCONN ? 0 : result
}

/// Gives the descriptor back to the kernel. Returns 0, or -1 with the reason in `errno`.
func closeSocket(_ socket: Int32) -> Int32 {
    let result = close(socket)
    // Interrupted, close(2) has still let go of the descriptor: a second call could hit somebody else's.
    return result == -1 && errno == EINTR ? 0 : result
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

// MARK: - From stage 4

/// Waits for the next client of `listener`. Returns the connected socket, with the client's address
/// in `client`; or -1 with the reason in `errno`.
func acceptClient(on listener: Int32, from client: inout sockaddr_in) -> Int32 {
    while true {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connection = withUnsafeMutablePointer(to: &client) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                accept(listener, generic, &length)
            }
        }
        // A signal that came while we waited is no failure: wait again.
        if connection == -1 && errno == EINTR { continue }
        return connection
    }
}

/// Returns `address` as people write it: `127.0.0.1:7007`.
func hostAndPort(of address: sockaddr_in) -> String {
    var host = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
    var numeric = address.sin_addr
    if inet_ntop(AF_INET, &numeric, &host, socklen_t(host.count)) == nil { fail("inet_ntop") }
    let text = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self)
    return "\(text):\(in_port_t(bigEndian: address.sin_port))"
}

// MARK: - From stage 3

/// Sets SO_REUSEADDR, so that a server can start again while old connections of its port
/// are in TIME_WAIT. Returns 0, or -1 with the reason in `errno`.
func allowReuse(of socket: Int32) -> Int32 {
    var on: Int32 = 1
    return setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
}

// MARK: - From stage 2

/// Returns the address 127.0.0.1 at `port`, laid out for the kernel:
/// the port and the address both in network byte order.
func loopbackAddress(port: in_port_t) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    return address
}

/// Calls bind(2). Returns 0, or -1 with the reason in `errno`.
func bindSocket(_ socket: Int32, to address: sockaddr_in) -> Int32 {
    // bind(2) serves every address family, so it takes a pointer to the generic `sockaddr`.
    withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            bind(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// Returns the port that `socket` is bound to, as getsockname(2) tells it,
/// in host byte order: asked for port 0, the kernel chooses one.
func boundPort(of socket: Int32) -> in_port_t {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            getsockname(socket, generic, &length)
        }
    }
    if result == -1 { fail("getsockname") }
    return in_port_t(bigEndian: address.sin_port)
}

// MARK: - From stage 1

/// Returns a new TCP socket for IPv4, or -1 with the reason in `errno`.
func makeSocket() -> Int32 {
    socket(AF_INET, SOCK_STREAM, 0)
}
