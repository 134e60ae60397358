// A line at a time, by getline(3); what comes back is written by stdio. Tells on standard error what it does.
import Foundation

final class Ledger: @unchecked Sendable {
    private let lock = NSLock()
    private var open = 0

    func note(_ count: Int) -> Int {
        lock.lock()
        defer { lock.unlock() }
        open += count
        return open
    }
}

let ledger = Ledger()

func report(_ text: String) {
    fputs("echo-client: \(text)\n", stderr)
}

func give(up call: String) -> Never {
    perror(call)
    exit(EXIT_FAILURE)
}

func connectToFirst(_ host: String, _ port: String) -> Int32 {
    var hints = addrinfo(
        ai_flags: 0,
        ai_family: AF_UNSPEC,
        ai_socktype: Int32(SOCK_STREAM.rawValue),
        ai_protocol: Int32(IPPROTO_TCP),
        ai_addrlen: 0,
        ai_addr: nil,
        ai_canonname: nil,
        ai_next: nil
    )
    var first: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, port, &hints, &first)
    guard status == 0 else {
        fputs("getaddrinfo: \(String(cString: gai_strerror(status)))\n", stderr)
        exit(EXIT_FAILURE)
    }
    var reason = ENOENT
    var current = first
    while let info = current {
        defer { current = info.pointee.ai_next }
        let handle = socket(info.pointee.ai_family, info.pointee.ai_socktype, info.pointee.ai_protocol)
        guard handle >= 0 else { give(up: "socket") }
        if connect(handle, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0 || finishes(handle) {
            report("connected")
            return handle
        }
        reason = errno
        close(handle)
    }
    errno = reason
    give(up: "connect")
}

/// Whether a connect(2) that a signal interrupted comes to a good end.
func finishes(_ handle: Int32) -> Bool {
    guard errno == EINTR else { return false }
    var wait = pollfd(fd: handle, events: Int16(POLLOUT), revents: 0)
    while poll(&wait, 1, -1) < 0 {}
    var problem: Int32 = 0
    var size = socklen_t(MemoryLayout.size(ofValue: problem))
    getsockopt(handle, SOL_SOCKET, SO_ERROR, &problem, &size)
    errno = problem
    return problem == 0
}

func sendLines(_ handle: Int32) {
    var line: UnsafeMutablePointer<CChar>?
    var room = 0
    while true {
        let length = getline(&line, &room, stdin)
        guard length > 0, let line else { break }
        _ = ledger.note(length)
        var done = 0
        while done < length {
            let count = send(handle, line + done, length - done, Int32(MSG_NOSIGNAL))
            if count > 0 {
                done += count
            } else if errno != EINTR {
                report("could not send: \(String(cString: strerror(errno)))")
                return
            }
        }
    }
    shutdown(handle, Int32(SHUT_WR))
}

func showReplies(_ handle: Int32, interactive: Bool) -> Int32 {
    let size = 777
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 1)
    var balance = 0
    while true {
        let count = recv(handle, buffer, size, 0)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        fwrite(buffer, 1, count, stdout)
        balance = ledger.note(-count)
        if interactive && balance == 0 { fputs("> ", stdout) }
        fflush(stdout)
    }
    if ledger.note(0) > 0 {
        report("the server left too early")
        return EXIT_FAILURE
    }
    return EXIT_SUCCESS
}

@main
enum EchoClient {
    static func main() {
        guard CommandLine.argc == 3 else {
            fputs("usage: echo-client HOST PORT\n", stderr)
            exit(64)
        }
        let handle = connectToFirst(CommandLine.arguments[1], CommandLine.arguments[2])
        let interactive = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0
        if interactive {
            fputs("> ", stdout)
            fflush(stdout)
        }
        start(handle)
        exit(showReplies(handle, interactive: interactive))
    }
}

func start(_ handle: Int32) {
    Thread.detachNewThread { sendLines(handle) }
}
