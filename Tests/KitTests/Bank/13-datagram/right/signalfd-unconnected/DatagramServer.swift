// poll(2) on the socket and on a signalfd(2), declared by hand; asks how long a datagram is.
import Glibc

@_silgen_name("signalfd") func makeSignalDescriptor(_: Int32, _: UnsafePointer<sigset_t>, _: Int32) -> Int32

@main
struct DatagramServer {
    static func main() {
        let words = CommandLine.arguments
        guard words.count == 2, !words[1].isEmpty, words[1].allSatisfy({ ("0"..."9").contains($0) }),
            let port = UInt16(words[1])
        else {
            fputs("usage: datagram-server PORT\n", stderr)
            exit(64)
        }
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        sigprocmask(SIG_BLOCK, &signals, nil)
        let end = makeSignalDescriptor(-1, &signals, 0)

        let server = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        check(server, "socket")
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = htons(port)
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK)
        var length = socklen_t(16)
        check(withGeneric(&address) { bind(server, $0, 16) }, "bind")
        check(withGeneric(&address) { getsockname(server, $0, &length) }, "getsockname")
        fputs("bound to 127.0.0.1:\(ntohs(address.sin_port))\n", stdout)
        fflush(stdout)

        var entries = [server, end].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            if poll(&entries, 2, -1) < 0 { continue }
            if entries[1].revents != 0 { exit(EXIT_SUCCESS) }
            answer(server)
        }
    }
}

func withGeneric<R>(_ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> R) -> R {
    withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
}

func check(_ result: Int32, _ call: String) {
    if result >= 0 { return }
    perror(call)
    exit(1)
}

func answer(_ server: Int32) {
    // How long the next one is, before it is taken: MSG_TRUNC with MSG_PEEK.
    let flags = Int32(MSG_PEEK) | Int32(MSG_TRUNC)
    let size = recv(server, nil, 0, flags)
    if size < 0 { return }
    var bytes = [UInt8](repeating: 0, count: size)
    var sender = sockaddr_in()
    var length = socklen_t(16)
    let count = withGeneric(&sender) { recvfrom(server, &bytes, size, 0, $0, &length) }
    if count < 0 { return }
    while withGeneric(&sender, { sendto(server, bytes, count, 0, $0, length) }) < 0 && errno == EINTR {}
}
