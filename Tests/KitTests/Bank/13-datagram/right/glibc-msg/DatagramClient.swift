// Only Glibc, top-level code, read(2) and write(2) on the connected socket, poll(2) with what is left of the time.
import Glibc

func die(_ call: String) -> Never {
    perror(call)
    exit(1)
}

func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

let arguments = CommandLine.arguments
if arguments.count != 3 {
    fputs("usage: datagram-client HOST PORT\n", stderr)
    exit(64)
}
var hints = addrinfo()
hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
var list: UnsafeMutablePointer<addrinfo>?
let code = getaddrinfo(arguments[1], arguments[2], &hints, &list)
if code != 0 {
    fputs("getaddrinfo: \(String(cString: gai_strerror(code)))\n", stderr)
    exit(1)
}
let info = list!.pointee
let client = socket(info.ai_family, info.ai_socktype, info.ai_protocol)
if client < 0 { die("socket") }
if connect(client, info.ai_addr, info.ai_addrlen) < 0 { die("connect") }

var host = [CChar](repeating: 0, count: 100)
var service = [CChar](repeating: 0, count: 100)
getnameinfo(info.ai_addr, info.ai_addrlen, &host, 100, &service, 100, NI_NUMERICHOST | NI_NUMERICSERV)
let name = String(cString: host)
let server = (name.contains(":") ? "[\(name)]" : name) + ":" + String(cString: service)

func ask(_ line: UnsafeMutablePointer<CChar>, _ length: Int) -> Bool {
    let reply = UnsafeMutableRawPointer.allocate(byteCount: 65_536, alignment: 1)
    defer { reply.deallocate() }
    for _ in 0..<3 {
        while write(client, line, length) < 0 { if errno != EINTR { die("write") } }
        let end = now() + 501
        while true {
            var entry = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, Int32(max(0, end - now())))
            if ready < 0 && errno == EINTR { continue }
            if ready < 0 { die("poll") }
            if ready == 0 { break }
            let count = read(client, reply, 65_536)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { die("read") }
            if count == length && memcmp(reply, line, length) == 0 { return true }
        }
    }
    return false
}

var line: UnsafeMutablePointer<CChar>?
var size = 0
while true {
    var count = getline(&line, &size, stdin)
    if count < 0 { break }
    if line![count - 1] == 10 { count -= 1 }
    if !ask(line!, count) {
        fputs("no reply from \(server)\n", stderr)
        exit(1)
    }
    fwrite(line, 1, count, stdout)
    putchar(10)
    fflush(stdout)
}
exit(0)
