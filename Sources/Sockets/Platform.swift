// Where Linux and Darwin differ: the types of constants, how a new socket is kept from programs that are
// started at the same time (close-on-exec), and how SIGPIPE is avoided.

#if os(Linux)

import CSockets

/// A new socket which no program started by us inherits. socket(2).
func makeSocket(_ domain: Int32, _ type: Int32) throws(SocketError) -> Int32 {
    try retrying("socket") { socket(domain, type | closeOnExec, 0) }
}

/// A connection from the queue of `listener`, which no program started by us inherits: with accept(2) and
/// fcntl(2) one after the other, one that another thread starts in between would hold it open. accept4(2).
func acceptSocket(
    _ listener: Int32,
    _ address: UnsafeMutablePointer<sockaddr>,
    _ length: inout socklen_t,
    isBlocking: Bool
) throws(SocketError) -> Int32 {
    let flags = isBlocking ? closeOnExec : closeOnExec | nonBlocking
    return try retrying("accept") { sockets_accept4(listener, address, &length, flags) }
}

/// What send(2) is told, so that a peer which is gone gives EPIPE in place of SIGPIPE.
let sendFlags = Int32(MSG_NOSIGNAL)

#if canImport(Glibc)
// Glibc imports the types of sockets as an enum of their own, which socket(2) doesn't take.
let streamType = Int32(SOCK_STREAM.rawValue)
let datagramType = Int32(SOCK_DGRAM.rawValue)
private let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)
private let nonBlocking = Int32(SOCK_NONBLOCK.rawValue)
#else
let streamType = SOCK_STREAM
let datagramType = SOCK_DGRAM
private let closeOnExec = SOCK_CLOEXEC
private let nonBlocking = SOCK_NONBLOCK
#endif

#else

/// A new socket which no program started by us inherits. socket(2).
func makeSocket(_ domain: Int32, _ type: Int32) throws(SocketError) -> Int32 {
    let descriptor = try retrying("socket") { socket(domain, type, 0) }
    keepToOurselves(descriptor)
    return descriptor
}

/// A connection from the queue of `listener`, which no program started by us inherits. accept(2).
func acceptSocket(
    _ listener: Int32,
    _ address: UnsafeMutablePointer<sockaddr>,
    _ length: inout socklen_t,
    isBlocking: Bool
) throws(SocketError) -> Int32 {
    let descriptor = try retrying("accept") { accept(listener, address, &length) }
    keepToOurselves(descriptor)
    // Darwin's connections inherit the mode of their listener, Linux's do not.
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, isBlocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK)
    return descriptor
}

/// Darwin has no flags for these in socket(2), accept(2) and send(2). Whoever starts programs there does it
/// with POSIX_SPAWN_CLOEXEC_DEFAULT, since a program may start in between.
private func keepToOurselves(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var on: Int32 = 1
    _ = setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
}

let sendFlags: Int32 = 0

let streamType = SOCK_STREAM
let datagramType = SOCK_DGRAM

#endif
