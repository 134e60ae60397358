// A thread for each client, which the main thread waits for; accept4(2) with SOCK_CLOEXEC.
import Foundation
import LabSupport

@_silgen_name("accept4")
func accept4(_: Int32, _: UnsafeMutablePointer<sockaddr>?, _: UnsafeMutablePointer<socklen_t>?, _: Int32)
    -> Int32

struct Client: Sendable {
    let descriptor: Int32
    let name: String

    func serve() {
        let size = 1 << 20
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let count = recv(descriptor, buffer.baseAddress, size, 0)
            if count == -1 && errno == EINTR { continue }
            guard count > 0, give(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { break }
        }
        close(descriptor)
        announce("closed \(name)")
    }

    private func give(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = send(descriptor, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
            if count > 0 {
                done += count
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}

@main
struct Close {
    static func main() {
        let listener = socket(AF_INET, SOCK_STREAM | 0o2000000, 0)
        if listener == -1 { fail("socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = portArgument(usage: "close PORT").bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        if call(&address, { bind(listener, $0, $1.pointee) }) == -1 { fail("bind") }
        if listen(listener, 7) == -1 { fail("listen") }
        if call(&address, { getsockname(listener, $0, $1) }) == -1 { fail("getsockname") }
        announce("listening on \(text(address))")
        while true {
            let connection = call(&address) { accept4(listener, $0, $1, 0o2000000) }
            if connection == -1 && errno == EINTR { continue }
            if connection == -1 { fail("accept4") }
            let client = Client(descriptor: connection, name: text(address))
            announce("accepted \(client.name)")
            serveInThread(client)
        }
    }

    /// A closure of its own, so that it belongs to no actor.
    nonisolated static func serveInThread(_ client: Client) {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            client.serve()
            done.signal()
        }
        done.wait()
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
