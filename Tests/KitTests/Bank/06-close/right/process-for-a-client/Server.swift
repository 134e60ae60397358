import Glibc

func die(_ call: String) -> Never {
    perror(call)
    exit(1)
}

func say(_ line: String) {
    let text = line + "\n"
    _ = text.withCString { write(STDOUT_FILENO, $0, strlen($0)) }
}

func portInArguments() -> UInt16 {
    let arguments = CommandLine.arguments
    let digits = Set("0123456789")
    guard arguments.count == 2, digits.isSuperset(of: arguments[1]), let port = UInt16(arguments[1]) else {
        fputs("usage: close PORT\n", stderr)
        exit(64)
    }
    return port
}

struct Server {
    let descriptor: Int32
    let name: String

    init(port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if descriptor == -1 { die("socket") }
        var on: Int32 = 1
        if setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { die("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = htons(port)
        address.sin_addr.s_addr = htonl(UInt32(INADDR_LOOPBACK))
        name = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                var length: socklen_t = 16
                if bind(descriptor, generic, length) == -1 { die("bind") }
                if listen(descriptor, SOMAXCONN) == -1 { die("listen") }
                if getsockname(descriptor, generic, &length) == -1 { die("getsockname") }
            }
            return "127.0.0.1:\(ntohs(pointer.pointee.sin_port))"
        }
        self.descriptor = descriptor
    }

    /// The next client; nil: a signal came.
    func next() -> (connection: Int32, name: String)? {
        var peer = sockaddr_in()
        var length: socklen_t = 16
        let connection = withUnsafeMutablePointer(to: &peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(descriptor, $0, &length) }
        }
        if connection == -1 && errno == EINTR { return nil }
        if connection == -1 { die("accept") }
        return (connection, "\(String(cString: inet_ntoa(peer.sin_addr))):\(ntohs(peer.sin_port))")
    }
}
