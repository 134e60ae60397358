import LabSupport

/// Whether a connect(2) that was interrupted has come to a good end.
func finished(_ socket: Int32) -> Bool {
    if errno != EINTR { return false }
    var peer = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var waiting = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
    while poll(&waiting, 1, -1) == -1 && errno == EINTR {}
    let result = withUnsafeMutableBytes(of: &peer) {
        getpeername(socket, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
    }
    if result == 0 { return true }
    var byte: UInt8 = 0
    // Reading tells why there is no peer.
    return read(socket, &byte, 1) == 0
}

func describe(_ socket: Int32) -> String {
    var peer = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    return withUnsafeMutableBytes(of: &peer) { bytes in
        getpeername(socket, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
        let port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        if size == socklen_t(MemoryLayout<sockaddr_in>.size) {
            return bytes[4..<8].map(String.init).joined(separator: ".") + ":\(port)"
        }
        var text = [CChar](repeating: 0, count: 64)
        inet_ntop(AF_INET6, bytes.baseAddress! + 8, &text, 64)
        return "[" + String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) + "]:\(port)"
    }
}
