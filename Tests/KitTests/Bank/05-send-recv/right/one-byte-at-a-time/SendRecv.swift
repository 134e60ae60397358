// One byte a call; MSG_NOSIGNAL in place of a signal's disposition.
import LabSupport

@main
struct SendRecv {
    static func main() {
        let listener = listeningSocket(portArgument(usage: "send-recv PORT"))
        var peer = sockaddr_in()
        var connection: Int32
        repeat {
            connection = withAddress(&peer) { accept(listener, $0, $1) }
        } while isInterrupted(connection)
        if connection == -1 { fail("accept") }
        announce("accepted \(text(peer))")

        var byte: UInt8 = 0
        while true {
            let received = recv(connection, &byte, 1, 0)
            if received == 0 { return }
            if received == -1 {
                if errno == EINTR { continue }
                fail("recv")
            }
            while send(connection, &byte, 1, Int32(MSG_NOSIGNAL)) == -1 {
                if errno != EINTR { fail("send") }
            }
        }
    }

    static func isInterrupted(_ result: Int32) -> Bool { result == -1 && errno == EINTR }

    static func listeningSocket(_ port: in_port_t) -> Int32 {
        let listener = socket(AF_INET, SOCK_STREAM, 0)
        if listener == -1 { fail("socket") }
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        if withAddress(&address, { bind(listener, $0, $1.pointee) }) == -1 { fail("bind") }
        if listen(listener, 4) == -1 { fail("listen") }
        if withAddress(&address, { getsockname(listener, $0, $1) }) == -1 { fail("getsockname") }
        announce("listening on \(text(address))")
        return listener
    }

    static func withAddress(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    static func text(_ address: sockaddr_in) -> String {
        let host = withUnsafeBytes(of: address.sin_addr) { $0.map(String.init).joined(separator: ".") }
        return "\(host):\(in_port_t(bigEndian: address.sin_port))"
    }
}
