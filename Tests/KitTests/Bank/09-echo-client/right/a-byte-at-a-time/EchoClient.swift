// Two threads of pthread_create(3), read(2) and write(2), a byte a call; nothing but Glibc.
import Glibc

nonisolated(unsafe) var connection: Int32 = -1
nonisolated(unsafe) var sent = 0
nonisolated(unsafe) var lock = pthread_mutex_t()

func die(_ call: String) -> Never {
    perror(call)
    exit(1)
}

/// Returns what read(2) does: 1, 0 at the end, -1.
func next(_ byte: inout UInt8, of descriptor: Int32) -> Int {
    while true {
        let count = read(descriptor, &byte, 1)
        if count != -1 || errno != EINTR { return count }
    }
}

func put(_ byte: UInt8, to descriptor: Int32) -> Int {
    var byte = byte
    while true {
        let count = write(descriptor, &byte, 1)
        if count != -1 || errno != EINTR { return count }
    }
}

func connectToServer(_ host: String, _ port: String) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &list)
    if code != 0 {
        fputs("getaddrinfo: \(String(cString: gai_strerror(code)))\n", stderr)
        exit(1)
    }
    var reason: Int32 = 0
    var next = list
    while let address = next?.pointee {
        next = address.ai_next
        connection = socket(address.ai_family, address.ai_socktype, 0)
        if connection == -1 { die("socket") }
        // Linux waits for the connection that is under way when connect(2) is called again.
        var result = connect(connection, address.ai_addr, address.ai_addrlen)
        while result == -1 && errno == EINTR {
            result = connect(connection, address.ai_addr, address.ai_addrlen)
        }
        if result == 0 || errno == EISCONN { return }
        reason = errno
        close(connection)
    }
    errno = reason
    die("connect")
}

func upload() {
    var byte: UInt8 = 0
    while next(&byte, of: 0) == 1 {
        pthread_mutex_lock(&lock)
        sent += 1
        pthread_mutex_unlock(&lock)
        if put(byte, to: connection) == -1 { die("write") }
    }
    shutdown(connection, Int32(SHUT_WR))
}

@main
struct Main {
    static func main() {
        let arguments = CommandLine.arguments
        if arguments.count != 3 {
            fputs("usage: echo-client HOST PORT\n", stderr)
            exit(64)
        }
        signal(SIGPIPE, SIG_IGN)
        pthread_mutex_init(&lock, nil)
        connectToServer(arguments[1], arguments[2])

        let isTerminal = isatty(0) == 1 && isatty(1) == 1
        if isTerminal { fputs("> ", stdout) }
        fflush(stdout)
        startUploading()

        var received = 0
        var byte: UInt8 = 0
        while next(&byte, of: connection) == 1 {
            received += 1
            if put(byte, to: 1) == -1 { die("write") }
            if isTerminal && byte == 10 { write(1, "> ", 2) }
        }
        pthread_mutex_lock(&lock)
        if received < sent {
            fputs("the server is gone, and owes \(sent - received) bytes\n", stderr)
            exit(1)
        }
    }
}

func startUploading() {
    var thread = pthread_t()
    let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
        upload()
        return nil
    }
    if pthread_create(&thread, nil, start, nil) != 0 { die("pthread_create") }
}
