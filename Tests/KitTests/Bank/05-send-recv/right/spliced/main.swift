// splice(2) moves the bytes through a pipe: they never come into the program at all.
import Glibc

@_silgen_name("splice")
func splice(
    _ input: Int32,
    _ inputOffset: UnsafeMutablePointer<Int64>?,
    _ output: Int32,
    _ outputOffset: UnsafeMutablePointer<Int64>?,
    _ count: Int,
    _ flags: UInt32
) -> Int

func die(_ call: String) -> Never {
    perror(call)
    exit(1)
}

func retried<Number: SignedInteger>(_ call: String, _ body: () -> Number) -> Number {
    while true {
        let result = body()
        if result != -1 { return result }
        if errno != EINTR { die(call) }
    }
}

func say(_ line: String) {
    fputs("\(line)\n", stdout)
    fflush(stdout)
}

guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
    fputs("usage: send-recv PORT\n", stderr)
    exit(64)
}
signal(SIGPIPE, SIG_IGN)
let listener = retried("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
var on: Int32 = 1
_ = retried("setsockopt") { setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) }
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = inet_addr("127.0.0.1")
let connection = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        var length: socklen_t = 16
        _ = retried("bind") { bind(listener, generic, length) }
        _ = retried("listen") { listen(listener, 20) }
        _ = retried("getsockname") { getsockname(listener, generic, &length) }
        say("listening on 127.0.0.1:\(pointer.pointee.sin_port.bigEndian)")
        let connection = retried("accept") { accept(listener, generic, &length) }
        let host = String(cString: inet_ntoa(pointer.pointee.sin_addr))
        say("accepted \(host):\(pointer.pointee.sin_port.bigEndian)")
        return connection
    }
}
var ends: [Int32] = [-1, -1]
if pipe(&ends) == -1 { die("pipe") }
while true {
    var count = retried("splice") { splice(connection, nil, ends[1], nil, 40_000, 0) }
    if count == 0 { break }
    while count > 0 { count -= retried("splice") { splice(ends[0], nil, connection, nil, count, 0) } }
}
fputs("that was all\n", stderr)
