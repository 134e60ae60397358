// Stage 13, datagram: the server. No connection, no stream: each packet is on its own.
//
//   Handout   Labs/13-datagram/README.md
//   Run       swift run datagram-server 7007
//   Check     swift run lab check datagram

import LabSupport

@main
struct DatagramServer {
    static func main() {
        let port = portArgument(usage: "datagram-server PORT")
        prepareSignals()

        var address = loopbackAddress(port: port)
        let socket = makeDatagramSocket()
        if socket == -1 { fail("socket") }
        if bindSocket(socket, to: address) == -1 { fail("bind") }
        address.sin_port = boundPort(of: socket).bigEndian
        announce("bound to \(hostAndPort(of: address))")

        serve(socket)
    }
}

/// Step 1. Returns a new UDP socket for IPv4, or -1 with the reason in `errno`.
func makeDatagramSocket() -> Int32 {
    todo(1)
}

/// Step 2. Sends each datagram back to whoever it came from, for ever. Nothing that fails here ends the
/// program.
func serve(_ socket: Int32) -> Never {
    todo(2)
}

/// Step 3. Waits for the next datagram. Returns how many bytes it has, 0 for an empty one, with the sender's
/// address in `sender`; or -1 with the reason in `errno`.
func receiveDatagram(on socket: Int32, into buffer: inout [UInt8], from sender: inout sockaddr_in) -> Int {
    todo(3)
}

/// Step 4. Sends `bytes` to `receiver` as one datagram: all of it goes, or nothing. Returns how many bytes
/// went, or -1 with the reason in `errno`.
func sendDatagram(_ bytes: ArraySlice<UInt8>, on socket: Int32, to receiver: sockaddr_in) -> Int {
    todo(4)
}

// MARK: - From stage 7

/// Has SIGINT and SIGTERM end the program at once, with status 0, and SIGPIPE not at all.
func prepareSignals() {
    // Few calls are safe in a signal handler. _exit(2) is, and the kernel closes what is open.
    signal(SIGINT) { _ in _exit(0) }
    signal(SIGTERM) { _ in _exit(0) }
    signal(SIGPIPE, SIG_IGN)
}

// MARK: - From stage 4

/// Returns `address` as people write it: `127.0.0.1:7007`.
func hostAndPort(of address: sockaddr_in) -> String {
    var host = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
    var numeric = address.sin_addr
    if inet_ntop(AF_INET, &numeric, &host, socklen_t(host.count)) == nil { fail("inet_ntop") }
    let text = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self)
    return "\(text):\(in_port_t(bigEndian: address.sin_port))"
}

// MARK: - From stage 2

/// Returns the address 127.0.0.1 at `port`, laid out for the kernel:
/// the port and the address both in network byte order.
func loopbackAddress(port: in_port_t) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    return address
}

/// Calls bind(2). Returns 0, or -1 with the reason in `errno`.
func bindSocket(_ socket: Int32, to address: sockaddr_in) -> Int32 {
    // bind(2) serves every address family, so it takes a pointer to the generic `sockaddr`.
    withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            bind(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// Returns the port that `socket` is bound to, as getsockname(2) tells it,
/// in host byte order: asked for port 0, the kernel chooses one.
func boundPort(of socket: Int32) -> in_port_t {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            getsockname(socket, generic, &length)
        }
    }
    if result == -1 { fail("getsockname") }
    return in_port_t(bigEndian: address.sin_port)
}
