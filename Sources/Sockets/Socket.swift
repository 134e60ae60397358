// Inside `Socket` these names are its methods, so the calls are captured first.
private let sysBind = bind
private let sysConnect = connect
private let sysListen = listen
private let sysShutdown = shutdown
private let sysSend = send
private let sysClose = close

/// A socket's owner: where its life ends, the descriptor is closed. socket(2).
///
/// Every call that a signal interrupts is made again, apart from close(2), and from connect(2), whose answer is waited
/// for. No call raises SIGPIPE, and no program that this process starts inherits the descriptor.
///
/// A call that fails throws its name and its errno(3): on a non-blocking socket EAGAIN where it would wait. The man
/// pages name the others.
public struct Socket: ~Copyable, Sendable {
    /// For calls that are not here. It stays this socket's: don't close it.
    public let descriptor: Int32

    /// Makes a new socket, without an address and unconnected. socket(2).
    public init(_ domain: Domain, _ kind: Kind) throws(SocketError) {
        descriptor = try makeSocket(domain.rawValue, kind.rawValue)
    }

    init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        // Not again after EINTR: the descriptor is free by then, and may already be another thread's.
        _ = sysClose(descriptor)
    }

    /// Gives the descriptor back now. close(2): the peer gets a FIN, or a RST where bytes were left unread.
    public consuming func close() {}

    /// Closes the connection by a RST in place of a FIN, and drops what is still to be sent.
    public consuming func reset() throws(SocketError) {
        try resetWhenClosed()
    }

    /// Gives the socket its address. bind(2).
    ///
    /// - Throws: EADDRINUSE, EADDRNOTAVAIL, EACCES.
    public func bind(to address: SocketAddress) throws(SocketError) {
        try retrying("bind") { address.withSockAddr { sysBind(descriptor, $0, $1) } }
    }

    /// Makes the socket one that connections arrive at. listen(2).
    ///
    /// - Parameter backlog: how many connections may wait to be accepted.
    /// - Throws: EADDRINUSE where the address is free to be bound, and another socket listens there.
    public func listen(backlog: Int32 = SOMAXCONN) throws(SocketError) {
        try retrying("listen") { sysListen(descriptor, backlog) }
    }

    /// Takes the first connection from the queue, and waits for one where there is none. accept(2).
    ///
    /// - Parameter isBlocking: whether calls on the connection wait.
    /// - Throws: EMFILE and ENFILE where no descriptor is left, while the connection stays in the queue; ECONNABORTED
    ///   where its client has given up. EAFNOSUPPORT, of our own, where it is of no internet protocol: it is closed.
    public func accept(isBlocking: Bool = true) throws(SocketError) -> Accepted {
        var peer: SocketAddress?
        let connection = try readAddress(into: &peer) { (pointer, length) throws(SocketError) in
            try acceptSocket(descriptor, pointer, &length, isBlocking: isBlocking)
        }
        let socket = Socket(owning: connection)
        guard let peer else { throw SocketError(call: "accept", errno: Errno(EAFNOSUPPORT)) }
        return Accepted(socket: socket, peer: peer)
    }

    /// What accept(2) gives: the connected socket, and who is at its other end.
    @frozen
    public struct Accepted: ~Copyable, Sendable {
        public let socket: Socket
        public let peer: SocketAddress
    }

    /// Connects to `address`, and waits until it has answered. connect(2).
    ///
    /// - Throws: ECONNREFUSED, ETIMEDOUT and the like. Of a non-blocking socket EINPROGRESS: once it is writable,
    ///   ``pendingError()`` tells how it went.
    public func connect(to address: SocketAddress) throws(SocketError) {
        let result = address.withSockAddr { sysConnect(descriptor, $0, $1) }
        let errno = Errno.last
        if result == 0 { return }
        guard errno == Errno(EINTR) else { throw SocketError(call: "connect", errno: errno) }
        // Interrupted, it goes on by itself: a second call would fail with EALREADY.
        try waitFor(.writable, on: descriptor)
        if let errno = try pendingError() { throw SocketError(call: "connect", errno: errno) }
    }

    /// Sends as much of `bytes` as the kernel takes now, on a blocking socket all of it, unless a signal comes when it
    /// has taken a part. send(2).
    ///
    /// - Returns: how many bytes it took.
    /// - Throws: EPIPE and ECONNRESET where the connection is broken.
    public func send(_ bytes: ArraySlice<UInt8>) throws(SocketError) -> Int {
        try retrying("send") {
            bytes.withUnsafeBytes { sysSend(descriptor, $0.baseAddress, $0.count, sendFlags) }
        }
    }

    /// As above, from memory of the caller's own. send(2).
    public func send(_ bytes: UnsafeRawBufferPointer) throws(SocketError) -> Int {
        try retrying("send") { sysSend(descriptor, bytes.baseAddress, bytes.count, sendFlags) }
    }

    /// Takes what has arrived, and waits where nothing has. recv(2).
    ///
    /// - Parameter limit: the most bytes to take, at least 1.
    /// - Returns: the bytes; none at the peer's end of file.
    /// - Throws: ECONNRESET where the peer has reset the connection.
    public func receive(atMost limit: Int) throws(SocketError) -> [UInt8] {
        var failure: SocketError?
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            do throws(SocketError) {
                count = try receive(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// As above, into memory of the caller's own, at least 1 byte. recv(2).
    ///
    /// - Returns: how many bytes came; 0 at the peer's end of file.
    public func receive(into room: UnsafeMutableRawBufferPointer) throws(SocketError) -> Int {
        try retrying("recv") { recv(descriptor, room.baseAddress, room.count, 0) }
    }

    /// Ends one direction, or both, for every process that holds the socket. shutdown(2).
    ///
    /// - Throws: ENOTCONN where the connection is broken, or there never was one.
    public func shutdown(_ direction: Direction) throws(SocketError) {
        try retrying("shutdown") { sysShutdown(descriptor, direction.rawValue) }
    }

    /// The address of this end. getsockname(2).
    public func localAddress() throws(SocketError) -> SocketAddress {
        try address("getsockname", getsockname)
    }

    /// The address of the other end. getpeername(2).
    public func peerAddress() throws(SocketError) -> SocketAddress {
        try address("getpeername", getpeername)
    }

    private func address(
        _ name: String,
        _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) throws(SocketError) -> SocketAddress {
        var address: SocketAddress?
        try readAddress(into: &address) { (pointer, length) throws(SocketError) in
            try retrying(name) { call(descriptor, pointer, &length) }
        }
        guard let address else { throw SocketError(call: name, errno: Errno(EAFNOSUPPORT)) }
        return address
    }
}

/// Makes a call that writes an address, with room for one of any family.
///
/// - Parameters:
///   - address: what it wrote; nil where that is no internet address.
///   - body: makes the call, with where to write and how much room there is.
@discardableResult
func readAddress<Result>(
    into address: inout SocketAddress?,
    _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) throws(SocketError) -> Result
) throws(SocketError) -> Result {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = try withUnsafeMutablePointer(to: &storage) { (pointer) throws(SocketError) in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (generic) throws(SocketError) in
            try body(generic, &length)
        }
    }
    address = SocketAddress(storage)
    return result
}
