// A connection is an object, which closes its descriptor when it goes; Data, recvfrom(2) and sendto(2).
import Foundation
import LabSupport

final class Connection {
    let descriptor: Int32
    let name: String

    init?(acceptedBy listener: Int32) {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        descriptor = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(listener, $0, &length) }
        }
        let host = withUnsafeBytes(of: address.sin_addr) { $0.map { "\($0)" } }
        name = host.joined(separator: ".") + ":\(address.sin_port.byteSwapped)"
        if descriptor == -1 { return nil }
    }

    deinit {
        if descriptor == -1 { return }
        shutdown(descriptor, Int32(SHUT_RDWR))
        if Glibc.close(descriptor) == -1 && errno != EINTR { fail("close") }
    }

    func echo() {
        while let data = receive() {
            guard send(data) else { return }
        }
    }

    private func receive() -> Data? {
        var data = Data(count: 8192)
        while true {
            let count = data.withUnsafeMutableBytes {
                recvfrom(descriptor, $0.baseAddress, $0.count, 0, nil, nil)
            }
            if count > 0 { return data.prefix(count) }
            if count == 0 || errno != EINTR { return nil }
        }
    }

    private func send(_ data: Data) -> Bool {
        var rest = data
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), nil, 0)
            }
            if count > 0 { rest.removeFirst(count) }
            if count == -1 && errno != EINTR { return false }
        }
        return true
    }
}

@main
struct Close {
    static func main() {
        let listener = listeningSocket(portArgument(usage: "close PORT"))
        while true {
            guard let name = serve(listener) else {
                if errno == EINTR { continue }
                fail("accept")
            }
            announce("closed \(name)")
        }
    }

    /// Returns the name of the client that was served; its connection is closed by then.
    static func serve(_ listener: Int32) -> String? {
        guard let connection = Connection(acceptedBy: listener) else { return nil }
        announce("accepted \(connection.name)")
        connection.echo()
        return connection.name
    }

    static func listeningSocket(_ port: in_port_t) -> Int32 {
        let listener = socket(AF_INET, SOCK_STREAM, 0)
        if listener == -1 { fail("socket") }
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                if bind(listener, generic, length) == -1 { fail("bind") }
                if listen(listener, 50) == -1 { fail("listen") }
                if getsockname(listener, generic, &length) == -1 { fail("getsockname") }
            }
        }
        announce("listening on 127.0.0.1:\(address.sin_port.bigEndian)")
        return listener
    }
}
