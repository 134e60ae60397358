// Each child echoes by stdio, a byte a call: of its calls none is recorded.

import LabSupport

@main
struct ForkServer {
    static func main() {
        #if canImport(Darwin)
        if let (descriptors, client) = inheritance() { serve(descriptors[0], client, descriptors[1]) }
        #endif
        let port = portArgument(usage: "fork-server PORT")
        prepareSignals()
        reapChildren()
        let lifeline = makeLifeline()

        var address = loopbackAddress(port: port)
        let listener = makeListener(at: address)
        address.sin_port = boundPort(of: listener).bigEndian
        announce("listening on \(hostAndPort(of: address))")

        while true { serveNextClient(of: listener, lifeline) }
    }
}

/// Has every child that ends be waited for, whenever that is, so that none stays as a zombie.
func reapChildren() {
    signal(SIGCHLD) { _ in
        // We are in the middle of some call: its errno is not ours to change.
        let before = errno
        // One signal may stand for several ends.
        while waitpid(-1, nil, WNOHANG) > 0 {}
        errno = before
    }
}

/// Returns a pipe that nobody writes to: its end of file tells the children that the parent, which
/// alone has the end to write to, is gone. A call that fails ends the program.
func makeLifeline() -> Lifeline {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) == -1 { fail("pipe") }
    return Lifeline(reading: ends[0], writing: ends[1])
}

/// Accepts a client, says so, and starts a process for it. Nothing that fails here ends the program;
/// a client that gets no process is closed, which is told as of any other.
func serveNextClient(of listener: Int32, _ lifeline: Lifeline) {
    var address = sockaddr_in()
    let connection = acceptClient(on: listener, from: &address)
    if connection == -1 {
        perror("accept")
        return
    }
    let client = hostAndPort(of: address)
    announce("accepted \(client)")

    let child = startChild(for: connection, client, listener, lifeline)
    if child == -1 { perror("fork") }
    // The child has a descriptor of its own: only once both are closed is the connection.
    if closeSocket(connection) == -1 { perror("close") }
    if child == -1 { announce("closed \(client)") }
}

/// Starts a process that closes what is not its own, and serves the client of `connection`. Returns its
/// number, or -1 with the reason in `errno`.
func startChild(for connection: Int32, _ client: String, _ listener: Int32, _ lifeline: Lifeline) -> pid_t {
    #if canImport(Darwin)
    return startAgain(with: [connection, lifeline.reading], for: client)
    #else
    let child = fork()
    if child == 0 {
        if closeSocket(listener) == -1 { perror("close") }
        if close(lifeline.writing) == -1 { perror("close") }
        serve(connection, client, lifeline.reading)
    }
    return child
    #endif
}

/// The whole life of a child: echoes, closes the connection, says so, and ends. Nothing of what is the
/// parent's may run in it.
func serve(_ connection: Int32, _ client: String, _ lifeline: Int32) -> Never {
    endWithParent(lifeline)

    echo(connection)

    if endStream(to: connection) == -1 { perror("shutdown") }
    if closeSocket(connection) == -1 { perror("close") }
    announce("closed \(client)")
    _exit(0)
}

/// In the background waits for the end of file of `lifeline`, and ends the child then.
func endWithParent(_ lifeline: Int32) {
    inBackground {
        var nothing: UInt8 = 0
        while read(lifeline, &nothing, 1) == -1 && errno == EINTR {}
        _exit(0)
    }
}

// MARK: - Given

/// The two ends of a pipe.
struct Lifeline {
    let reading: Int32
    let writing: Int32
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

/// Sends back whatever `connection` brings, as it comes, until the client's end of file, or until the
/// client is gone.
func echo(_ connection: Int32) {
    guard let input = fdopen(dup(connection), "r"), let output = fdopen(dup(connection), "w") else {
        perror("fdopen")
        return
    }
    defer {
        fclose(input)
        fclose(output)
    }
    setvbuf(input, nil, _IONBF, 0)
    while true {
        let byte = getc(input)
        if byte == EOF {
            if ferror(input) == 0 || errno != EINTR { return }
            clearerr(input)
            continue
        }
        if putc(byte, output) == EOF { return }
        while fflush(output) == EOF {
            if errno != EINTR { return }
            clearerr(output)
        }
    }
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
