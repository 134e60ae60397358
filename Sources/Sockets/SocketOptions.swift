/// Options of a socket, and its mode. setsockopt(2), socket(7), tcp(7), fcntl(2).
extension Socket {
    /// Lets bind(2) take a port of which old connections are still in TIME_WAIT: SO_REUSEADDR.
    public func allowReuseOfAddress() throws(SocketError) {
        try setOption(SO_REUSEADDR, Int32(1))
    }

    /// Asks for room for about `bytes` that were received and not read yet: SO_RCVBUF.
    ///
    /// To keep the window of a connection small from its first segment, set it before connect(2) or
    /// listen(2).
    public func setReceiveBufferSize(_ bytes: Int) throws(SocketError) {
        try setOption(SO_RCVBUF, Int32(clamping: bytes))
    }

    /// Asks for room for about `bytes` that were sent and not acknowledged yet: SO_SNDBUF.
    public func setSendBufferSize(_ bytes: Int) throws(SocketError) {
        try setOption(SO_SNDBUF, Int32(clamping: bytes))
    }

    /// Asks for segments of at most `bytes` in both directions: TCP_MAXSEG. Before connect(2).
    ///
    /// On loopback, whose segments are of 64 KiB otherwise, small ones keep the buffers of both sides small
    /// too.
    public func setSegmentSize(_ bytes: Int) throws(SocketError) {
        try setOption(level: Int32(IPPROTO_TCP), TCP_MAXSEG, Int32(clamping: bytes))
    }

    /// Sends each piece at once, in a segment of its own, in place of gathering small ones: TCP_NODELAY.
    public func sendAtOnce() throws(SocketError) {
        try setOption(level: Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
    }

    /// Acknowledges what has come now, in place of waiting for data to go with it: TCP_QUICKACK, where there
    /// is it.
    ///
    /// A peer that sends small pieces holds each back until the one before is acknowledged (Nagle's
    /// algorithm), up to 40 milliseconds here. The kernel takes the option back by itself, so it is set again
    /// and again.
    public func acknowledgeNow() throws(SocketError) {
        #if os(Linux)
        try setOption(level: Int32(IPPROTO_TCP), TCP_QUICKACK, Int32(1))
        #endif
    }

    /// Lets close(2) end the connection by a RST in place of a FIN: SO_LINGER with a time of zero.
    public func resetWhenClosed() throws(SocketError) {
        try setOption(SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    }

    /// From now on a call that would wait fails with EAGAIN: O_NONBLOCK.
    public func makeNonBlocking() throws(SocketError) {
        let flags = try retrying("fcntl") { fcntl(descriptor, F_GETFL) }
        try retrying("fcntl") { fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
    }

    /// What went wrong on the socket since the last call, such as the outcome of a connect(2) that went on by
    /// itself; nil where nothing did: SO_ERROR.
    public func pendingError() throws(SocketError) -> Errno? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        try retrying("getsockopt") { getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) }
        return code == 0 ? nil : Errno(code)
    }

    func setOption<Value>(level: Int32 = SOL_SOCKET, _ name: Int32, _ value: Value) throws(SocketError) {
        try retrying("setsockopt") {
            withUnsafePointer(to: value) {
                setsockopt(descriptor, level, name, $0, socklen_t(MemoryLayout<Value>.size))
            }
        }
    }
}
