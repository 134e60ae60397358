// Stage 9, echo-client: the whole client, both ways at once.
//
//   Handout   Labs/09-echo-client/README.md
//   Run       swift run echo-client localhost 7007
//   Check     swift run lab check echo-client

import LabSupport
import Synchronization

@main
struct EchoClient {
    static func main() {
        let (host, port) = hostAndPortArguments(usage: "echo-client HOST PORT")
        // A server that is gone makes send(2) fail with EPIPE, in place of ending us.
        signal(SIGPIPE, SIG_IGN)

        let addresses = resolve(host, port)
        let (connection, _) = connectToFirst(of: addresses)
        freeaddrinfo(addresses)

        let received = converse(over: connection)
        if received < sent.withLock({ $0 }) {
            fail("echo-client", because: "the server ended after \(received) bytes of the echo")
        }
    }
}

/// How many bytes of the input have been sent so far. Both directions look at it, each in a thread of its own.
let sent = Mutex(0)

/// Step 1. Moves both directions at once: sends the input in the background, and meanwhile shows what the
/// server sends, until it ends or is gone. Returns how many bytes came.
func converse(over connection: Int32) -> Int {
    todo(1)
}

/// Step 2. Prompts for the first line, sends what standard input brings, as it comes, and half-closes the
/// connection when the input ends.
func sendInput(to connection: Int32) {
    todo(2)
}

/// Step 3. Asks for the next line with `> `, where a person types and reads. A program would take the prompt
/// for a part of the echo.
func prompt() {
    todo(3)
}

/// Step 4. Writes all of `bytes` to standard output, at once, in as many calls as it takes. A failure ends the
/// program.
func show(_ bytes: ArraySlice<UInt8>) {
    todo(4)
}

// MARK: - From stage 8

/// Returns the addresses of `host` at `port`, a number or a service's name, for TCP: a list, of which the
/// first is to be tried first. A host or a port that is not known ends the program.
func resolve(_ host: String, _ port: String) -> UnsafeMutablePointer<addrinfo> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = SOCK_STREAM
    var addresses: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &addresses)
    guard code == 0, let addresses else { fail("getaddrinfo", because: String(cString: gai_strerror(code))) }
    return addresses
}

/// Tries the addresses in turn, each with a socket of its own. Returns the first connection that is made, and
/// the address that answered. Where none does, the program ends with what the last attempt failed of.
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

/// Calls connect(2), and waits until the connection stands. Returns 0, or -1 with the reason in `errno`.
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

/// Sends all of `bytes`, in as many calls as it takes. Returns 0, or -1 with the reason in `errno`.
func sendAll(_ bytes: ArraySlice<UInt8>, to connection: Int32) -> Int32 {
    var rest = bytes
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, 0) }
        if count == -1 && errno == EINTR { continue }
        if count == -1 { return -1 }
        // send(2) may take less than it was given: the rest goes with the next call.
        rest = rest.dropFirst(count)
    }
    return 0
}
