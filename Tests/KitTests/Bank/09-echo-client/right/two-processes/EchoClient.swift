// A process for each direction; they count in memory that they share, by mmap(2).
import LabSupport

@main
struct EchoClient {
    static func main() {
        let (host, port) = hostAndPortArguments(usage: "echo-client HOST PORT")
        let connection = open(host, port)
        let page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | Int32(MAP_ANONYMOUS), -1, 0)!
        let sent = page.bindMemory(to: Int.self, capacity: 1)
        let isInteractive = isatty(0) == 1 && isatty(1) == 1
        if isInteractive { _ = write(1, "> ", 2) }

        let child = fork()
        if child == -1 { fail("fork") }
        if child == 0 { upload(to: connection, sent) }
        let isWhole = download(from: connection, sent, isInteractive)
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
        if !isWhole { fail("echo-client", because: "the echo is incomplete") }
    }
}

func upload(to connection: Int32, _ sent: UnsafeMutablePointer<Int>) -> Never {
    // The default would do: a child that SIGPIPE ends is no loss.
    signal(SIGPIPE, SIG_IGN)
    var buffer = [UInt8](repeating: 0, count: 10_000)
    while true {
        let count = read(0, &buffer, buffer.count)
        if count <= 0 { break }
        sent.pointee += count
        var offset = 0
        while offset < count {
            let done = buffer.withUnsafeBytes { write(connection, $0.baseAddress! + offset, count - offset) }
            if done == -1 && errno != EINTR { _exit(1) }
            offset += max(0, done)
        }
    }
    shutdown(connection, Int32(SHUT_WR))
    _exit(0)
}

func download(from connection: Int32, _ sent: UnsafeMutablePointer<Int>, _ isInteractive: Bool) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var received = 0
    while true {
        let count = recvfrom(connection, &buffer, buffer.count, 0, nil, nil)
        if count == -1 && errno == EINTR { continue }
        if count <= 0 { return received >= sent.pointee }
        _ = write(1, buffer, count)
        received += count
        if isInteractive && received == sent.pointee { _ = write(1, "> ", 2) }
    }
}

func open(_ host: String, _ port: String) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = SOCK_STREAM
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &list)
    if code != 0 { fail("getaddrinfo", because: String(cString: gai_strerror(code))) }
    var reason: Int32 = 0
    var next = list
    while let address = next?.pointee {
        next = address.ai_next
        let connection = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
        if connection == -1 { fail("socket") }
        var result = connect(connection, address.ai_addr, address.ai_addrlen)
        if result == -1 && errno == EINTR {
            var wait = pollfd(fd: connection, events: Int16(POLLOUT), revents: 0)
            while poll(&wait, 1, -1) == -1 {}
            var size = socklen_t(4)
            getsockopt(connection, SOL_SOCKET, SO_ERROR, &result, &size)
            errno = result
        }
        if result == 0 { return connection }
        reason = errno
        close(connection)
    }
    errno = reason
    fail("connect")
}
