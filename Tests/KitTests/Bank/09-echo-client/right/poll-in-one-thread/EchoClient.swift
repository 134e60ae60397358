// One thread, poll(2) and a socket that never blocks; buffers of a mebibyte; SOCK_CLOEXEC and MSG_NOSIGNAL.
import LabSupport

@main
struct EchoClient {
    static func main() {
        let (host, port) = hostAndPortArguments(usage: "echo-client HOST PORT")
        var client = Client(socket: connected(to: host, port))
        client.run()
    }
}

func connected(to host: String, _ port: String) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = SOCK_STREAM
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &list)
    if code != 0 { fail("getaddrinfo", because: String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }

    var reason: Int32 = 0
    for entry in sequence(first: list!, next: { $0.pointee.ai_next }) {
        let address = entry.pointee
        // SOCK_CLOEXEC and SOCK_NONBLOCK.
        let connection = socket(address.ai_family, SOCK_STREAM | 0o2000000 | 0o4000, address.ai_protocol)
        if connection == -1 { fail("socket") }
        reason = 0
        if connect(connection, address.ai_addr, address.ai_addrlen) == -1 {
            reason = errno
            if reason == EINPROGRESS || reason == EINTR { reason = outcome(of: connection) }
        }
        if reason == 0 { return connection }
        close(connection)
    }
    errno = reason
    fail("connect")
}

func outcome(of connection: Int32) -> Int32 {
    var wait = pollfd(fd: connection, events: Int16(POLLOUT), revents: 0)
    while poll(&wait, 1, -1) < 1 {}
    var reason: Int32 = 0
    var size = socklen_t(4)
    getsockopt(connection, SOL_SOCKET, SO_ERROR, &reason, &size)
    return reason
}

struct Client {
    let socket: Int32
    var owed: [UInt8] = []
    var inputIsOpen = true
    var balance = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    let isInteractive = isatty(0) == 1 && isatty(1) == 1

    init(socket: Int32) {
        self.socket = socket
    }

    mutating func run() {
        prompt()
        while true {
            // -1 as a descriptor: poll(2) leaves it out.
            var waits = [
                pollfd(fd: inputIsOpen && owed.isEmpty ? 0 : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: socket, events: Int16(owed.isEmpty ? POLLIN : POLLIN | POLLOUT), revents: 0),
            ]
            if poll(&waits, 2, -1) == -1 {
                if errno == EINTR { continue }
                fail("poll")
            }
            if waits[1].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 { receive() }
            if waits[1].revents & Int16(POLLOUT) != 0 { flush() }
            if waits[0].revents != 0 { readInput() }
        }
    }

    mutating func readInput() {
        let count = read(0, &buffer, buffer.count)
        if count == -1 && errno == EINTR { return }
        if count <= 0 {
            inputIsOpen = false
            if shutdown(socket, Int32(SHUT_WR)) == -1 { perror("shutdown") }
            return
        }
        owed = Array(buffer[..<count])
        balance += count
        flush()
    }

    mutating func flush() {
        let count = owed.withUnsafeBytes {
            send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count > 0 { owed.removeFirst(count) }
        if count == -1 && errno != EAGAIN && errno != EINTR { fail("send") }
    }

    /// Takes all that is there, and shows none of it before.
    mutating func receive() {
        var taken: [UInt8] = []
        var count: Int
        repeat {
            count = recv(socket, &buffer, buffer.count, 0)
            taken += buffer.prefix(max(0, count))
        } while count > 0 || count == -1 && errno == EINTR
        let reason = errno
        balance -= taken.count
        show(taken)
        if count == 0 { end() }
        errno = reason
        if reason != EAGAIN { fail("recv") }
        if balance == 0 && !taken.isEmpty { prompt() }
    }

    func end() -> Never {
        if balance <= 0 { exit(0) }
        fail("echo-client", because: "\(balance) bytes are missing")
    }

    func show(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
            if written > 0 { rest = rest.dropFirst(written) }
        }
    }

    func prompt() {
        if isInteractive { write(1, "> ", 2) }
    }
}
