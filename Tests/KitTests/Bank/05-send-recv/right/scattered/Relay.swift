import Glibc

/// Takes bytes into a small buffer and a large one, and gives them back out of both.
struct Relay {
    let connection: Int32
    private let small = UnsafeMutableRawBufferPointer.allocate(byteCount: 5, alignment: 1)
    private let large = UnsafeMutableRawBufferPointer.allocate(byteCount: 9000, alignment: 1)
    private var turn = 0

    init(connection: Int32) {
        self.connection = connection
    }

    /// False: the client has ended.
    mutating func pass() -> Bool {
        turn += 1
        var count: Int
        repeat { count = receive() } while count == -1 && errno == EINTR
        if count == -1 { stop("recvmsg") }
        if count == 0 { return false }
        var sent = 0
        while sent < count {
            let result = send(from: sent, to: count)
            if result == -1 && errno != EINTR { stop("sendmsg") }
            sent += max(0, result)
        }
        return true
    }

    private func receive() -> Int {
        var parts = parts(0, small.count + large.count)
        if turn % 2 == 0 { return readv(connection, &parts, 2) }
        return parts.withUnsafeMutableBufferPointer { parts in
            var message = msghdr()
            message.msg_iov = parts.baseAddress
            message.msg_iovlen = parts.count
            return recvmsg(connection, &message, 0)
        }
    }

    private func send(from start: Int, to end: Int) -> Int {
        var parts = parts(start, end)
        if turn % 2 == 0 { return writev(connection, &parts, 2) }
        return parts.withUnsafeMutableBufferPointer { parts in
            var message = msghdr()
            message.msg_iov = parts.baseAddress
            message.msg_iovlen = parts.count
            return sendmsg(connection, &message, Int32(MSG_NOSIGNAL))
        }
    }

    /// What lies from `start` to `end`, if one buffer came after the other.
    private func parts(_ start: Int, _ end: Int) -> [iovec] {
        let first = min(start, small.count)..<min(end, small.count)
        let second = max(0, start - small.count)..<max(0, end - small.count)
        return [
            iovec(iov_base: small.baseAddress! + first.lowerBound, iov_len: first.count),
            iovec(iov_base: large.baseAddress! + second.lowerBound, iov_len: second.count),
        ]
    }
}
