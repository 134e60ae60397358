import Glibc

/// A TCP socket that has an address.
struct Endpoint {
    let descriptor: Int32
    let name: String

    init(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { Endpoint.stop("socket") }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_in>.stride)
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.storeBytes(
                of: sockaddr_in(
                    sin_family: UInt16(AF_INET),
                    sin_port: htons(port),
                    sin_addr: in_addr(s_addr: inet_addr("127.0.0.1")),
                    sin_zero: (0, 0, 0, 0, 0, 0, 0, 0)
                ),
                as: sockaddr_in.self
            )
        }
        let number = descriptor
        let failed = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> String? in
                if bind(number, generic, length) < 0 { return "bind" }
                length = socklen_t(MemoryLayout<sockaddr_storage>.size)
                return getsockname(number, generic, &length) < 0 ? "getsockname" : nil
            }
        }
        if let failed { Endpoint.stop(failed) }
        let bound = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in.self) }
        name = String(cString: inet_ntoa(bound.sin_addr)) + ":" + String(ntohs(bound.sin_port))
    }

    static func stop(_ call: String) -> Never {
        perror(call)
        exit(1)
    }
}
