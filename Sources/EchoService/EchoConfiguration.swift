/// How an echo server serves.
public struct EchoConfiguration: Sendable {
    public var misbehaviour = Misbehaviour.none
    /// How many bytes, at least 1, it holds for a client that doesn't take its echo before it stops reading.
    public var buffer = 65_536
    /// SO_RCVBUF and SO_SNDBUF of its sockets, in bytes; nil leaves them to the kernel.
    public var kernelBuffers: Int?
    /// Where each call on a connection is written down; nil: nowhere.
    public var steps: StepLog?
    /// Waits with poll(2) where it could with epoll(7).
    public var usesPoll = false

    public init(misbehaviour: Misbehaviour = .none, buffer: Int = 65_536, kernelBuffers: Int? = nil) {
        self.misbehaviour = misbehaviour
        self.buffer = buffer
        self.kernelBuffers = kernelBuffers
    }
}
