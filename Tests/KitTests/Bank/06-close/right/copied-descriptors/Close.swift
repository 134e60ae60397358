// Descriptors are copied by dup(2) and fcntl(2), and each copy is closed once, that of the listener before it listens.
import LabSupport

@main
struct Close {
    static func main() {
        let port = portArgument(usage: "close PORT")
        signal(SIGPIPE, SIG_IGN)
        let first = socket(AF_INET, SOCK_STREAM, 0)
        if first == -1 { fail("socket") }
        let listener = fcntl(first, F_DUPFD, 20)
        if listener == -1 { fail("fcntl") }
        if close(first) == -1 { fail("close") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        if call(&address, { bind(listener, $0, $1.pointee) }) == -1 { fail("bind") }
        if listen(listener, 12) == -1 { fail("listen") }
        if call(&address, { getsockname(listener, $0, $1) }) == -1 { fail("getsockname") }
        announce("listening on \(text(address))")
        while true {
            let connection = call(&address) { accept(listener, $0, $1) }
            if connection == -1 && errno == EINTR { continue }
            if connection == -1 { fail("accept") }
            let client = text(address)
            announce("accepted \(client)")
            echo(from: connection, to: dup(connection))
            announce("closed \(client)")
        }
    }

    static func echo(from input: Int32, to output: Int32) {
        withUnsafeTemporaryAllocation(byteCount: 600, alignment: 1) { buffer in
            while case let count = recv(input, buffer.baseAddress, buffer.count, 0), count != 0 {
                if count == -1 && errno == EINTR { continue }
                if count == -1 || !send(buffer[..<count], to: output) { break }
            }
        }
        _ = close(output)
        _ = close(input)
    }

    static func send(_ bytes: Slice<UnsafeMutableRawBufferPointer>, to output: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = write(output, part.baseAddress, part.count)
            if count == -1 && errno != EINTR { return false }
            rest = rest.dropFirst(max(0, count))
        }
        return true
    }

    static func call(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    static func text(_ address: sockaddr_in) -> String {
        "\(String(cString: inet_ntoa(address.sin_addr))):\(in_port_t(bigEndian: address.sin_port))"
    }
}
