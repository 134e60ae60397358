/// A system call that failed, and why.
public struct SocketError: Error, Hashable, Sendable {
    /// The call's name as in its man page: `bind`.
    public let call: String
    public let errno: Errno

    public init(call: String, errno: Errno) {
        self.call = call
        self.errno = errno
    }

    /// A non-blocking call that had nothing to do yet, which is no failure: poll(2) tells when to make it
    /// again.
    public var wouldBlock: Bool { errno == Errno(EAGAIN) }
}

extension SocketError: CustomStringConvertible {
    /// As perror(3) writes it: `bind: Address already in use`.
    public var description: String { "\(call): \(errno)" }
}

/// Makes a system call, and makes it again for as long as a signal interrupts it.
///
/// Not for close(2), which has let go of the descriptor by then, nor for connect(2), which goes on by itself.
///
/// - Parameters:
///   - name: the call's name, for the error.
///   - body: makes the call, and returns what it returned.
/// - Returns: what the call returned, which is not -1.
/// - Throws: the call with its errno(3), where it returned -1.
@discardableResult
public func retrying<Result: FixedWidthInteger & SignedInteger>(
    _ name: String,
    _ body: () -> Result
) throws(SocketError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let errno = Errno.last
        if errno != Errno(EINTR) { throw SocketError(call: name, errno: errno) }
    }
}
