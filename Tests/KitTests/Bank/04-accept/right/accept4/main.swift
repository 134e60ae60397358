// accept4(2) with SOCK_CLOEXEC, getpeername(2) for the address, only Glibc, top-level code.
import Glibc

@_silgen_name("accept4")
func accept4(
    _ socket: Int32,
    _ address: UnsafeMutablePointer<sockaddr>?,
    _ length: UnsafeMutablePointer<socklen_t>?,
    _ flags: Int32
) -> Int32

func die(_ call: String) -> Never {
    perror(call)
    exit(1)
}

func say(_ line: String) {
    print(line)
    fflush(stdout)
}

func name(_ call: String, _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Int32) -> String {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
    }
    if result != 0 { die(call) }
    return "\(String(cString: inet_ntoa(address.sin_addr))):\(UInt16(bigEndian: address.sin_port))"
}

guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
    fputs("usage: accept PORT\n", stderr)
    exit(64)
}
let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 6)
if listener < 0 { die("socket") }
var on: Int32 = 1
if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) < 0 { die("setsockopt") }
var local = sockaddr_in()
local.sin_family = sa_family_t(AF_INET)
local.sin_port = htons(port)
local.sin_addr.s_addr = inet_addr("127.0.0.1")
let bound = withUnsafeBytes(of: local) { bind(listener, $0.bindMemory(to: sockaddr.self).baseAddress!, 16) }
if bound < 0 { die("bind") }
if listen(listener, 10) < 0 { die("listen") }
say("listening on " + name("getsockname") { getsockname(listener, $0, &$1) })

var connection: Int32 = -1
repeat {
    connection = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
} while connection == -1 && errno == EINTR
if connection == -1 { die("accept4") }
say("accepted " + name("getpeername") { getpeername(connection, $0, &$1) })
while getchar() != EOF {}
