// Sixteen bytes on the stack, and getsockname's answer for the status line.
import LabSupport

@main
enum Program {
    static func main() {
        let (port, host) = portAndAddressArguments(usage: "echo-server PORT [ADDRESS]")
        signal(SIGTERM, end)
        signal(SIGINT, end)

        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = host
        let listener = socket(AF_INET, SOCK_STREAM, Int32(IPPROTO_TCP))
        if listener == -1 { fail("socket") }
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, size) == -1 { fail("setsockopt") }
        if generic(&address, { bind(listener, $0, $1.pointee) }) == -1 { fail("bind") }
        if listen(listener, 16) == -1 { fail("listen") }
        if generic(&address, { getsockname(listener, $0, $1) }) == -1 { fail("getsockname") }
        announce("listening on \(name(address))")

        while true {
            var peer = sockaddr_in()
            let client = generic(&peer) { accept(listener, $0, $1) }
            guard client >= 0 else { continue }
            announce("accepted \(name(peer))")
            echo(client)
            shutdown(client, Int32(SHUT_RDWR))
            close(client)
            announce("closed \(name(peer))")
        }
    }

    static func echo(_ client: Int32) {
        var bytes = SIMD16<UInt8>()
        while true {
            let received = recv(client, &bytes, 16, 0)
            if received == -1 && errno == EINTR { continue }
            if received < 1 { return }
            var sent = 0
            while sent < received {
                let count = withUnsafeBytes(of: &bytes) {
                    send(client, $0.baseAddress! + sent, received - sent, Int32(MSG_NOSIGNAL))
                }
                if count == -1 && errno != EINTR { return }
                sent += max(0, count)
            }
        }
    }
}

func end(_: Int32) {
    _exit(EXIT_SUCCESS)
}

func generic(
    _ address: inout sockaddr_in,
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
) -> Int32 {
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
    }
}

func name(_ address: sockaddr_in) -> String {
    let bytes = withUnsafeBytes(of: address.sin_addr) { $0.map(String.init).joined(separator: ".") }
    return "\(bytes):\(UInt16(bigEndian: address.sin_port))"
}
