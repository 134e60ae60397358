// Stage 5, send-recv: bytes come in, and the same bytes go back.
//
//   Handout   Labs/05-send-recv/README.md
//   Run       swift run send-recv 7007
//   Check     swift run lab check send-recv

import LabSupport

@main
struct SendRecv {
    static func main() {
        let port = portArgument(usage: "send-recv PORT")
        // A client that is gone makes send(2) fail with EPIPE, in place of ending us.
        signal(SIGPIPE, SIG_IGN)

        let listener = makeListener(port: port)
        announce("listening on 127.0.0.1:\(boundPort(of: listener))")

        var client = sockaddr_in()
        let connection = acceptClient(on: listener, from: &client)
        if connection == -1 { fail("accept") }

        announce("accepted \(hostAndPort(of: client))")
        echo(connection)
    }
}

/// Step 1. Sends back whatever `connection` brings, as it comes, until the client's end of file.
func echo(_ connection: Int32) {
    todo(1)
}

/// Step 2. Receives what has arrived on `connection`, at most `buffer.count` bytes, or waits for it.
/// Returns how many bytes that were, 0 at the client's end of file, or -1 with the reason in `errno`.
func receive(from connection: Int32, into buffer: inout [UInt8]) -> Int {
    todo(2)
}

/// Step 3. Sends all of `bytes`, in as many calls as it takes. Returns 0, or -1 with the reason in `errno`.
func sendAll(_ bytes: ArraySlice<UInt8>, to connection: Int32) -> Int32 {
    todo(3)
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

/// Returns a socket that listens on 127.0.0.1 at `port`. A call that fails ends the program.
func makeListener(port: in_port_t) -> Int32 {
    let listener = makeSocket()
    if listener == -1 { fail("socket") }

    // Before bind(2): that is the call which asks whether the address may be used again.
    if allowReuse(of: listener) == -1 { fail("setsockopt") }
    if bindSocket(listener, to: loopbackAddress(port: port)) == -1 { fail("bind") }
    if listen(listener, SOMAXCONN) == -1 { fail("listen") }
    return listener
}

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
