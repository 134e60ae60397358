import Foundation
import LabSupport

final class Attempt: @unchecked Sendable {
    enum Outcome {
        case connected(String)
        case failed(String)
    }

    let host: String
    let port: String
    let done = DispatchSemaphore(value: 0)
    var outcome = Outcome.failed("nothing was tried")

    init(host: String, port: String) {
        self.host = host
        self.port = port
    }

    func run() {
        defer { done.signal() }
        var hints = addrinfo()
        hints.ai_socktype = LabSupport.SOCK_STREAM
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, port, &hints, &list)
        if code != 0 { return outcome = .failed("getaddrinfo: " + String(cString: gai_strerror(code))) }
        // All sockets first, each of them fresh.
        let entries = Array(sequence(first: list!, next: { $0.pointee.ai_next }))
        var sockets = entries.map { socket($0.pointee.ai_family, LabSupport.SOCK_STREAM, 0) }
        if sockets.allSatisfy({ $0 == -1 }) {
            return outcome = .failed("socket: " + String(cString: strerror(errno)))
        }
        while let entry = entries.dropFirst(entries.count - sockets.count).first {
            let socket = sockets.removeFirst()
            if connect(socket, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0 || finished(socket) {
                for other in sockets { close(other) }
                return outcome = .connected(describe(socket))
            }
            outcome = .failed("connect: " + String(cString: strerror(errno)))
            close(socket)
        }
    }
}
