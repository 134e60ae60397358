import Foundation

func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

func check(_ result: Int32, _ call: String) {
    if result != -1 { return }
    perror(call)
    exit(1)
}

func text(_ address: sockaddr_in) -> String {
    "\(String(cString: inet_ntoa(address.sin_addr))):\(UInt16(bigEndian: address.sin_port))"
}

func named(
    _ address: inout sockaddr_in,
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
) -> Int32 {
    var length = socklen_t(16)
    return withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
    }
}

/// Echoes what comes by sendmsg(2) and recvmsg(2), and closes the connection.
func serve(_ connection: Int32) {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 20_000, alignment: 16)
    while true {
        let count = transfer(room[...]) { recvmsg(connection, &$0, 0) }
        if count < 1 { break }
        var sent = 0
        while sent < count {
            let taken = transfer(room[sent..<count]) { sendmsg(connection, &$0, 0) }
            if taken == -1 { break }
            sent += taken
        }
        if sent < count { break }
    }
    close(connection)
}

func transfer(_ bytes: Slice<UnsafeMutableRawBufferPointer>, _ call: (inout msghdr) -> Int) -> Int {
    let place = UnsafeMutableRawBufferPointer(rebasing: bytes)
    var part = iovec(iov_base: place.baseAddress, iov_len: place.count)
    return withUnsafeMutablePointer(to: &part) { parts in
        var message = msghdr()
        message.msg_iov = parts
        message.msg_iovlen = 1
        while true {
            let count = call(&message)
            if count != -1 || errno != EINTR { return count }
        }
    }
}
