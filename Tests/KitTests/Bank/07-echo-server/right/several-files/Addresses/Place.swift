import Glibc

/// An IPv4 address and a port.
struct Place: CustomStringConvertible {
    private var address = sockaddr_in()

    init() {}

    init(arguments count: Int32, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        opterr = 0
        guard getopt(count, values, "+") == -1, (1...2).contains(count - optind) else { wrongUsage() }
        let words = (optind..<count).map { String(cString: values[Int($0)]!) }
        guard let port = in_port_t(words[0]) else { wrongUsage() }
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        if inet_aton(words.count > 1 ? words[1] : "127.0.0.1", &address.sin_addr) == 0 { wrongUsage() }
    }

    init(of socket: Int32) {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        if withPointer({ getsockname(socket, $0, &length) }) == -1 { give(up: "getsockname") }
    }

    var description: String {
        "\(String(cString: inet_ntoa(address.sin_addr))):\(address.sin_port.bigEndian)"
    }

    func listeningSocket() -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let listener = socket(AF_INET, type, Int32(IPPROTO_TCP))
        if listener == -1 { give(up: "socket") }
        var (on, copy) = (Int32(1), self)
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { give(up: "setsockopt") }
        if copy.withPointer({ bind(listener, $0, 16) }) == -1 { give(up: "bind") }
        if listen(listener, 100) == -1 { give(up: "listen") }
        return listener
    }

    mutating func withPointer<Result>(_ body: (UnsafeMutablePointer<sockaddr>) -> Result) -> Result {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}

private func wrongUsage() -> Never {
    fputs("usage: echo-server PORT [ADDRESS]\n", stderr)
    exit(64)
}
