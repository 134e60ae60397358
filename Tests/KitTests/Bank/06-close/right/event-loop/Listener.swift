import Glibc

enum Listener {
    static func descriptor(port: UInt16) -> Int32 {
        let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let listener = socket(AF_INET, Int32(kind), Int32(IPPROTO_TCP))
        if listener == -1 { Close.die("socket") }
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { Close.die("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = htons(port)
        inet_aton("127.0.0.1", &address.sin_addr)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                var length: socklen_t = 16
                if bind(listener, generic, length) == -1 { Close.die("bind") }
                if listen(listener, 100) == -1 { Close.die("listen") }
                if getsockname(listener, generic, &length) == -1 { Close.die("getsockname") }
            }
        }
        print("listening on 127.0.0.1:\(ntohs(address.sin_port))")
        fflush(stdout)
        return listener
    }
}
