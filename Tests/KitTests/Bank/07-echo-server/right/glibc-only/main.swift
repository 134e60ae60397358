// Only Glibc, read and write, and C's own ways. After a failing accept(2) it waits for a while.
import Glibc

func usage() -> Never {
    fputs("usage: echo-server PORT [ADDRESS]\n", stderr)
    exit(64)
}

func text(_ address: sockaddr_in) -> String {
    "\(String(cString: inet_ntoa(address.sin_addr))):\(ntohs(address.sin_port))"
}

func size() -> socklen_t { socklen_t(MemoryLayout<sockaddr_in>.size) }

guard (2...3).contains(CommandLine.argc), let port = UInt16(CommandLine.arguments[1]) else { usage() }
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = htons(port)
address.sin_addr.s_addr = inet_addr(CommandLine.argc == 3 ? CommandLine.arguments[2] : "127.0.0.1")
if address.sin_addr.s_addr == INADDR_NONE { usage() }

for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(0) } }
signal(SIGPIPE, SIG_IGN)
setvbuf(stdout, nil, _IOLBF, 0)

let listener = socket(PF_INET, Int32(SOCK_STREAM.rawValue), 0)
if listener < 0 {
    perror("socket")
    exit(1)
}
var on: CInt = 1
setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4)
let bound = withUnsafeBytes(of: &address) {
    bind(listener, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), size())
}
if bound < 0 {
    perror("bind")
    exit(1)
}
if listen(listener, 5) < 0 {
    perror("listen")
    exit(1)
}
var length = size()
let named = withUnsafeMutableBytes(of: &address) {
    getsockname(listener, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
}
if named < 0 {
    perror("getsockname")
    exit(1)
}
print("listening on \(text(address))")

let buffer = malloc(512)!
while true {
    var peer = sockaddr_in()
    length = size()
    let client = withUnsafeMutableBytes(of: &peer) {
        accept(listener, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
    if client < 0 {
        if errno != EINTR { sleep(3) }
        continue
    }
    print("accepted \(text(peer))")
    serving: while true {
        let count = read(client, buffer, 512)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        var sent = 0
        while sent < count {
            let n = write(client, buffer + sent, count - sent)
            if n >= 0 { sent += n } else if errno != EINTR { break serving }
        }
    }
    close(client)
    print("closed \(text(peer))")
}
