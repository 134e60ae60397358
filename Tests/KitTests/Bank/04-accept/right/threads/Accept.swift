// A thread accepts, the main thread reads standard input from the start; a semaphore joins them.
import Foundation
import LabSupport

final class Listener: @unchecked Sendable {
    let descriptor: Int32
    private let accepted = DispatchSemaphore(value: 0)

    init(port: in_port_t) {
        descriptor = socket(AF_INET, SOCK_STREAM, Int32(IPPROTO_TCP))
        if descriptor == -1 { fail("socket") }
        var on: Int32 = 1
        if setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        if call(&address, { bind(descriptor, $0, $1.pointee) }) == -1 { fail("bind") }
        if listen(descriptor, 64) == -1 { fail("listen") }
        if call(&address, { getsockname(descriptor, $0, $1) }) == -1 { fail("getsockname") }
        report("listening on", address)
    }

    func start() {
        Thread.detachNewThread { self.run() }
    }

    func wait() {
        accepted.wait()
    }

    private func run() {
        var peer = sockaddr_in()
        while call(&peer, { accept(descriptor, $0, $1) }) == -1 {
            if errno != EINTR { fail("accept") }
        }
        report("accepted", peer)
        accepted.signal()
    }

    private func report(_ words: String, _ address: sockaddr_in) {
        let host = UInt32(bigEndian: address.sin_addr.s_addr)
        let port = UInt16(bigEndian: address.sin_port)
        let line = String(
            format: "%@ %u.%u.%u.%u:%hu\n",
            words as NSString,
            host >> 24,
            host >> 16 & 0xFF,
            host >> 8 & 0xFF,
            host & 0xFF,
            port
        )
        FileHandle.standardOutput.write(Data(line.utf8))
    }

    private func call(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }
}

@main
struct Accept {
    static func main() {
        let listener = Listener(port: portArgument(usage: "accept PORT"))
        listener.start()
        waitForEndOfInput()
        listener.wait()
    }
}
