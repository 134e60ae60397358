// One script, only Glibc: flags at socket(2), a short queue, the option set by a CInt, input read by readLine.
import Glibc

setvbuf(stdout, nil, _IONBF, 0)

func check(_ result: CInt, _ call: String) {
    if result < 0 {
        perror(call)
        exit(1)
    }
}

let words = CommandLine.arguments
guard words.count == 2, let port = UInt16(words[1]), words[1].allSatisfy(\.isNumber) else {
    fputs("usage: \(words[0]) PORT\n", stderr)
    exit(64)
}
let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), CInt(IPPROTO_TCP))
check(descriptor, "socket")
var one: CInt = 1
check(
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout.size(ofValue: one))),
    "setsockopt"
)
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = htons(port)
address.sin_addr.s_addr = htonl(0x7F00_0001)
withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        var length = socklen_t(16)
        check(bind(descriptor, $0, length), "bind")
        check(listen(descriptor, 5), "listen")
        check(getsockname(descriptor, $0, &length), "getsockname")
    }
}
print("listening on 127.0.0.1:\(ntohs(address.sin_port))")
while readLine() != nil {}
