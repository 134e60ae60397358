// Only Glibc, one byte a call, and a fixed block of memory for the line.
import Glibc

func usage() -> Never {
    fputs("usage: capitalise-server PORT\n", stderr)
    exit(64)
}

func text(_ address: sockaddr_in) -> String {
    "\(String(cString: inet_ntoa(address.sin_addr))):\(ntohs(address.sin_port))"
}

func size() -> socklen_t { socklen_t(MemoryLayout<sockaddr_in>.size) }

guard CommandLine.argc == 2, let port = UInt16(CommandLine.arguments[1]) else { usage() }
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = htons(port)
address.sin_addr.s_addr = inet_addr("127.0.0.1")

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

let limit = 65_536
let line = UnsafeMutablePointer<UInt8>.allocate(capacity: limit)

/// Writes the line, and begins it anew.
func flush(_ count: inout Int, to client: Int32) -> Bool {
    var sent = 0
    while sent < count {
        let n = write(client, line + sent, count - sent)
        if n >= 0 { sent += n } else if errno != EINTR { return false }
    }
    count = 0
    return true
}

while true {
    var peer = sockaddr_in()
    length = size()
    let client = withUnsafeMutableBytes(of: &peer) {
        accept(listener, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
    if client < 0 { continue }
    print("accepted \(text(peer))")
    var count = 0
    while true {
        var byte: UInt8 = 0
        let n = read(client, &byte, 1)
        if n < 0 && errno == EINTR { continue }
        if n == 0 { _ = flush(&count, to: client) }
        if n <= 0 || count == limit { break }
        line[count] = islower(CInt(byte)) != 0 ? UInt8(toupper(CInt(byte))) : byte
        count += 1
        if byte == 10 && !flush(&count, to: client) { break }
    }
    close(client)
    print("closed \(text(peer))")
}
