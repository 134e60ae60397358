// Stage 2, bind: give a socket an address, so that clients can find it.
//
//   Handout   Labs/02-bind/README.md
//   Run       swift run bind 7007
//   Check     swift run lab check bind

import LabSupport

@main
struct Bind {
    static func main() {
        let port = portArgument(usage: "bind PORT")

        let listener = makeSocket()
        if listener == -1 { fail("socket") }

        if bindSocket(listener, to: loopbackAddress(port: port)) == -1 { fail("bind") }

        announce("bound to 127.0.0.1:\(boundPort(of: listener))")
        waitForEndOfInput()
    }
}

/// Step 1. Returns the address 127.0.0.1 at `port`, laid out for the kernel:
/// the port and the address both in network byte order.
func loopbackAddress(port: in_port_t) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    return address
}

/// Step 2. Calls bind(2). Returns 0, or -1 with the reason in `errno`.
func bindSocket(_ socket: Int32, to address: sockaddr_in) -> Int32 {
    // bind(2) serves every address family, so it takes a pointer to the generic `sockaddr`.
    withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            bind(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// Step 3. Returns the port that `socket` is bound to, as getsockname(2) tells it,
/// in host byte order: asked for port 0, the kernel chooses one.
func boundPort(of socket: Int32) -> in_port_t {
    todo(1)
}

// MARK: - From stage 1

/// Returns a new TCP socket for IPv4, or -1 with the reason in `errno`.
func makeSocket() -> Int32 {
    socket(AF_INET, SOCK_STREAM, 0)
}
