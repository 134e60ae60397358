import Foundation

func makeListener(_ arguments: [String]) -> Int32 {
    guard arguments.count == 2, let port = UInt16(arguments[1]) else {
        fputs("usage: \(arguments[0]) PORT\n", stderr)
        exit(64)
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    #if canImport(Glibc)
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
    let listener = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    if listener == -1 { give(up: "socket") }
    var on: Int32 = 1
    if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { give(up: "setsockopt") }
    let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    if bound == -1 { give(up: "bind") }
    if listen(listener, 50) == -1 { give(up: "listen") }
    return listener
}

func localAddress(_ listener: Int32) -> sockaddr_in {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
    }
    if result == -1 { give(up: "getsockname") }
    return address
}

func text(_ address: sockaddr_in) -> String {
    "\(String(cString: inet_ntoa(address.sin_addr))):\(UInt16(bigEndian: address.sin_port))"
}

func give(up call: String) -> Never {
    perror(call)
    exit(EXIT_FAILURE)
}
