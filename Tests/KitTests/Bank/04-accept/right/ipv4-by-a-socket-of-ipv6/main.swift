// One socket of IPv6 at ::ffff:127.0.0.1, which on the wire is 127.0.0.1; top-level code.
import LabSupport

func withGeneric<Value>(_ address: inout sockaddr_in6, _ body: (UnsafeMutablePointer<sockaddr>) -> Value)
    -> Value
{
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
}

/// The last four bytes are those of IPv4.
func text(of address: sockaddr_in6) -> String {
    let host = withUnsafeBytes(of: address.sin6_addr) { $0.suffix(4).map(String.init) }
    return "\(host.joined(separator: ".")):\(in_port_t(bigEndian: address.sin6_port))"
}

let port = portArgument(usage: "accept PORT")
let listener = socket(AF_INET6, SOCK_STREAM, 0)
if listener == -1 { fail("socket") }
var on: Int32 = 1
if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size)) == -1 {
    fail("setsockopt")
}

var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
var address = sockaddr_in6()
address.sin6_family = sa_family_t(AF_INET6)
address.sin6_port = port.bigEndian
if inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr) != 1 { fail("inet_pton") }
if withGeneric(&address, { bind(listener, $0, length) }) == -1 { fail("bind") }
if listen(listener, 5) == -1 { fail("listen") }
if withGeneric(&address, { getsockname(listener, $0, &length) }) == -1 { fail("getsockname") }
announce("listening on \(text(of: address))")

var client = sockaddr_in6()
while withGeneric(&client, { accept(listener, $0, &length) }) == -1 {
    if errno != EINTR { fail("accept") }
}
announce("accepted \(text(of: client))")
waitForEndOfInput()
