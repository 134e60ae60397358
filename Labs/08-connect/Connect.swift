// Stage 8, connect: the other side.
//
//   Handout   Labs/08-connect/README.md
//   Run       swift run connect localhost 7007
//   Check     swift run lab check connect

import LabSupport

@main
struct Connect {
    static func main() {
        let (host, port) = hostAndPortArguments(usage: "connect HOST PORT")

        let addresses = resolve(host, port)
        let (_, peer) = connectToFirst(of: addresses)

        announce("connected to \(hostAndPort(of: peer))")
        freeaddrinfo(addresses)
        waitForEndOfInput()
    }
}

/// Step 1. Returns the addresses of `host` at `port`, a number or a service's name, for TCP: a list, of which
/// the first is to be tried first. A host or a port that is not known ends the program.
func resolve(_ host: String, _ port: String) -> UnsafeMutablePointer<addrinfo> {
    todo(1)
}

/// Step 2. Tries the addresses in turn, each with a socket of its own. Returns the first connection that is
/// made, and the address that answered. Where none does, the program ends with what the last attempt failed
/// of.
func connectToFirst(of addresses: UnsafeMutablePointer<addrinfo>) -> (connection: Int32, peer: addrinfo) {
    todo(2)
}

/// Step 3. Calls connect(2), and waits until the connection stands. Returns 0, or -1 with the reason in
/// `errno`.
func connectSocket(_ socket: Int32, to address: addrinfo) -> Int32 {
    todo(3)
}

/// Step 4. Returns `address` as people write it: `127.0.0.1:7007`, or for IPv6 `[::1]:7007`.
func hostAndPort(of address: addrinfo) -> String {
    todo(4)
}

/// What a C string holds: the characters before its zero.
func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self)
}
