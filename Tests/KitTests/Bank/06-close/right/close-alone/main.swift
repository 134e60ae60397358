// close(2) alone, no shutdown(2), its result not looked at; SO_LINGER with a time; only Glibc, from the top.
import Glibc

func die(_ call: String) -> Never {
    perror(call)
    exit(1)
}

setvbuf(stdout, nil, _IONBF, 0)
signal(SIGPIPE, SIG_IGN)
guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
    fputs("usage: close PORT\n", stderr)
    exit(64)
}
let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
if listener < 0 { die("socket") }
var on: Int32 = 1
if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) < 0 { die("setsockopt") }
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = htons(port)
address.sin_addr.s_addr = inet_addr("127.0.0.1")
let raw = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 4)
raw.storeBytes(of: address, as: sockaddr_in.self)
let generic = raw.assumingMemoryBound(to: sockaddr.self)
var length: socklen_t = 16
if bind(listener, generic, length) < 0 { die("bind") }
if listen(listener, 30) < 0 { die("listen") }
if getsockname(listener, generic, &length) < 0 { die("getsockname") }
print("listening on 127.0.0.1:\(ntohs(raw.load(as: sockaddr_in.self).sin_port))")

var bytes = [UInt8](repeating: 0, count: 100)
while true {
    length = 16
    let connection = accept(listener, generic, &length)
    if connection < 0 {
        if errno == EINTR || errno == ECONNABORTED { continue }
        die("accept")
    }
    let peer = raw.load(as: sockaddr_in.self)
    let name = "\(String(cString: inet_ntoa(peer.sin_addr))):\(ntohs(peer.sin_port))"
    print("accepted \(name)")
    var time = linger(l_onoff: 1, l_linger: 5)
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &time, socklen_t(MemoryLayout<linger>.size))
    serving: while true {
        let count = read(connection, &bytes, bytes.count)
        if count == 0 || count == -1 && errno != EINTR { break }
        var sent = 0
        while sent < count {
            let result = bytes.withUnsafeBytes { write(connection, $0.baseAddress! + sent, count - sent) }
            if result == -1 && errno != EINTR { break serving }
            sent += max(result, 0)
        }
    }
    close(connection)
    print("closed \(name)")
}
