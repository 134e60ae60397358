import Glibc

final class Server {
    let descriptor: Int32

    init() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if descriptor == -1 { stop("socket") }
    }

    func reuse() {
        var on: Int32 = 1
        if setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { stop("setsockopt") }
    }

    func bind(to address: Address) {
        let result = withUnsafePointer(to: address.raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, 16) }
        }
        if result == -1 { stop("bind") }
    }

    func listen() {
        if Glibc.listen(descriptor, SOMAXCONN) == -1 { stop("listen") }
    }

    var address: Address {
        var address = Address()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address.raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        if result == -1 { stop("getsockname") }
        return address
    }
}
