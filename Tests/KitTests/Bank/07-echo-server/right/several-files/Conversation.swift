import Glibc

struct Conversation {
    let connection: Int32

    func run() {
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { buffer in
            while true {
                let count = transfer(buffer[...]) { recvmsg(connection, &$0, 0) }
                if count <= 0 { return }
                var rest = buffer[..<count]
                while !rest.isEmpty {
                    let sent = transfer(rest) { sendmsg(connection, &$0, Int32(MSG_NOSIGNAL)) }
                    if sent == -1 { return }
                    rest = rest.dropFirst(sent)
                }
            }
        }
    }

    private func transfer(_ bytes: Slice<UnsafeMutableRawBufferPointer>, _ call: (inout msghdr) -> Int) -> Int
    {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: bytes)
        var piece = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return withUnsafeMutablePointer(to: &piece) { pieces in
            var message = msghdr()
            message.msg_iov = pieces
            message.msg_iovlen = 1
            while true {
                let count = call(&message)
                if count != -1 || errno != EINTR { return count }
            }
        }
    }
}
