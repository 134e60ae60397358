// One thread receives into Data, another sends; a queue that both lock lies between them.
import Foundation
import LabSupport

final class Queue: @unchecked Sendable {
    private let changed = NSCondition()
    private var pieces: [Data] = []
    private var isDone = false

    func put(_ piece: Data) {
        changed.lock()
        while pieces.count > 50 { changed.wait() }
        pieces.append(piece)
        changed.broadcast()
        changed.unlock()
    }

    func finish() {
        changed.lock()
        isDone = true
        changed.broadcast()
        changed.unlock()
    }

    func take() -> Data? {
        changed.lock()
        defer { changed.unlock() }
        while pieces.isEmpty && !isDone { changed.wait() }
        if pieces.isEmpty { return nil }
        changed.broadcast()
        return pieces.removeFirst()
    }
}

func receiveAll(from connection: Int32, into queue: Queue) {
    var data = Data(count: 3000)
    while true {
        let count = data.withUnsafeMutableBytes { recv(connection, $0.baseAddress, $0.count, 0) }
        if count > 0 {
            queue.put(data.prefix(count))
        } else if count == 0 {
            return queue.finish()
        } else if errno != EINTR {
            fail("recv")
        }
    }
}

func sendAll(from queue: Queue, to connection: Int32) {
    while var piece = queue.take() {
        while !piece.isEmpty {
            let count = piece.withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                piece = piece.dropFirst(count)
            } else if errno != EINTR {
                fail("send")
            }
        }
    }
}

@main
struct SendRecv {
    static func main() {
        let listener = Listener(port: portArgument(usage: "send-recv PORT"))
        announce("listening on \(listener.name)")
        let (connection, name) = listener.next()
        announce("accepted \(name)")
        let queue = Queue()
        Thread.detachNewThread { receiveAll(from: connection, into: queue) }
        sendAll(from: queue, to: connection)
        shutdown(connection, Int32(SHUT_RDWR))
    }
}

struct Listener {
    let descriptor = socket(AF_INET, SOCK_STREAM, 0)

    init(port: in_port_t) {
        if descriptor == -1 { fail("socket") }
        var on: Int32 = 1
        if setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        let address = sockaddr_in(
            sin_family: sa_family_t(AF_INET),
            sin_port: port.bigEndian,
            sin_addr: in_addr(s_addr: inet_addr("127.0.0.1")),
            sin_zero: (0, 0, 0, 0, 0, 0, 0, 0)
        )
        let number = descriptor
        let result = withUnsafeBytes(of: address) {
            bind(number, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        if result == -1 { fail("bind") }
        if listen(descriptor, SOMAXCONN) == -1 { fail("listen") }
    }

    var name: String { name(of: descriptor, getsockname, "getsockname") }

    func next() -> (Int32, String) {
        while true {
            let connection = accept(descriptor, nil, nil)
            if connection != -1 { return (connection, name(of: connection, getpeername, "getpeername")) }
            if errno != EINTR { fail("accept") }
        }
    }

    private func name(
        of socket: Int32,
        _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32,
        _ callName: String
    ) -> String {
        var data = Data(count: 16)
        var length: socklen_t = 16
        let result = data.withUnsafeMutableBytes {
            call(socket, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        }
        if result == -1 { fail(callName) }
        let port = Int(data[2]) << 8 | Int(data[3])
        return data[4..<8].map { String($0) }.joined(separator: ".") + ":\(port)"
    }
}
