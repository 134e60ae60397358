// recvfrom(2) and sendto(2) on a socket that is not connected: refusals come by IP_RECVERR.
import Glibc

func end(_ words: String) -> Never {
    fputs(words + "\n", stderr)
    exit(1)
}

func reason() -> String { String(cString: strerror(errno)) }

if CommandLine.arguments.count != 3 {
    fputs("usage: datagram-client HOST PORT\n", stderr)
    exit(64)
}
var hints = addrinfo(
    ai_flags: 0,
    ai_family: AF_UNSPEC,
    ai_socktype: Int32(SOCK_DGRAM.rawValue),
    ai_protocol: 0,
    ai_addrlen: 0,
    ai_addr: nil,
    ai_canonname: nil,
    ai_next: nil
)
var found: UnsafeMutablePointer<addrinfo>?
let result = getaddrinfo(CommandLine.arguments[1], CommandLine.arguments[2], &hints, &found)
guard result == 0, let server = found?.pointee else {
    end("getaddrinfo: " + String(cString: gai_strerror(result)))
}
let client = socket(server.ai_family, server.ai_socktype, server.ai_protocol)
if client < 0 { end("socket: " + reason()) }
var on: Int32 = 1
let isV6 = server.ai_family == AF_INET6
let level = Int32(isV6 ? IPPROTO_IPV6 : IPPROTO_IP)
// IPV6_RECVERR is 25, IP_RECVERR 11.
setsockopt(client, level, isV6 ? 25 : 11, &on, 4)

func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

/// Gives up after 500 milliseconds, whatever comes meanwhile.
func waitForReply(_ line: [UInt8]) -> Bool {
    let start = milliseconds()
    var buffer = [UInt8](repeating: 0, count: 70_000)
    while true {
        let left = 500 - (milliseconds() - start)
        if left <= 0 { return false }
        var entry = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        if poll(&entry, 1, Int32(left)) < 1 { continue }
        var from = sockaddr_storage()
        var length = socklen_t(MemoryLayout.size(ofValue: from))
        let count = withUnsafeMutablePointer(to: &from) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(client, &buffer, buffer.count, 0, $0, &length)
            }
        }
        if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
        if count < 0 { end("recvfrom: " + reason()) }
        if Array(buffer.prefix(count)) == line { return true }
    }
}

func exchange(_ line: [UInt8]) -> Bool {
    for _ in 1...3 {
        while sendto(client, line, line.count, 0, server.ai_addr, server.ai_addrlen) < 0 {
            if errno != EINTR { end("sendto: " + reason()) }
        }
        if waitForReply(line) { return true }
    }
    return false
}

while let text = readLine() {
    let line = Array(text.utf8)
    if !exchange(line) {
        var host = [CChar](repeating: 0, count: 64)
        var port = [CChar](repeating: 0, count: 64)
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        getnameinfo(server.ai_addr, server.ai_addrlen, &host, 64, &port, 64, flags)
        let name = String(cString: host)
        end("no reply from " + (isV6 ? "[\(name)]" : name) + ":" + String(cString: port))
    }
    print(text)
}
