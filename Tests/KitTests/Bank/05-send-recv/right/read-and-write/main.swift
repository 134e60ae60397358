// read(2) and write(2), a megabyte at a time in a raw buffer, all of it from the top, only Glibc.
import Glibc

func must(_ result: Int32, _ call: String) -> Int32 {
    if result == -1 {
        perror(call)
        exit(1)
    }
    return result
}

signal(SIGPIPE, SIG_IGN)
setvbuf(stdout, nil, _IOLBF, 0)
guard CommandLine.argc == 2, let port = UInt16(CommandLine.arguments[1]) else {
    fputs("usage: send-recv PORT\n", stderr)
    exit(64)
}

let listener = must(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), "socket")
var on: Int32 = 1
_ = must(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4), "setsockopt")
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = htons(port)
address.sin_addr.s_addr = inet_addr("127.0.0.1")
var connection: Int32 = -1
withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        var length: socklen_t = 16
        _ = must(bind(listener, generic, length), "bind")
        _ = must(listen(listener, 1), "listen")
        _ = must(getsockname(listener, generic, &length), "getsockname")
        print("listening on 127.0.0.1:\(ntohs(pointer.pointee.sin_port))")
        while connection == -1 {
            length = 16
            connection = accept(listener, generic, &length)
            if connection == -1 && errno != EINTR { _ = must(-1, "accept") }
        }
        print(
            "accepted \(String(cString: inet_ntoa(pointer.pointee.sin_addr))):\(ntohs(pointer.pointee.sin_port))"
        )
    }
}

let size = 1 << 20
let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
receiving: while true {
    let count = read(connection, buffer, size)
    if count == -1 && errno == EINTR { continue }
    if count <= 0 { break }
    var sent = 0
    while sent < count {
        let result = write(connection, buffer + sent, count - sent)
        if result > 0 { sent += result }
        if result == -1 && errno != EINTR { break receiving }
    }
}
close(connection)
close(listener)
