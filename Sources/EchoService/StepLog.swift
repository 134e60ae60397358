import Sockets
import Synchronization

/// A call of a scripted client or of the reference server: which, when, and what came of it.
public struct PeerStep: Codable, Hashable, Sendable {
    public enum Action: String, Codable, Sendable {
        case connect, accept, send, recv, shutdown, close
        /// Close, by a RST.
        case reset
    }

    public let action: Action
    /// The client's end of the connection, which names it: `127.0.0.1:50312`. `-` where there is none, since
    /// connect(2) failed.
    public let client: String
    /// Of `connect`, where to.
    public let server: String?
    /// When it was begun and when it had returned, in nanoseconds of ``MonotonicTime``.
    public let began: UInt64
    public let ended: UInt64
    /// How many bytes were moved; of `recv`, 0 is the end of file.
    public let count: Int
    /// The first of them, at most 24.
    public let data: [UInt8]
    /// The errno of a call that failed, else nil.
    public let errno: Int32?

    public init(
        _ action: Action,
        client: String,
        server: String? = nil,
        began: UInt64,
        ended: UInt64,
        bytes: some Collection<UInt8> = [],
        errno: Int32? = nil
    ) {
        self.action = action
        self.client = client
        self.server = server
        self.began = began
        self.ended = ended
        count = bytes.count
        data = Array(bytes.prefix(24))
        self.errno = errno
    }
}

/// What peers of a program did, in their order: any number of them write into one log.
public final class StepLog: Sendable {
    private let recorded = Mutex<[PeerStep]>([])

    public init() {}

    public var steps: [PeerStep] { recorded.withLock { $0 } }

    package func append(_ step: PeerStep) {
        recorded.withLock { $0.append(step) }
    }
}

/// One end of a connection, which writes down what is done at it.
package struct StepWriter {
    private let log: StepLog?
    private let client: SocketAddress
    /// When the call that is noted next was begun: what is noted one after the other has no gaps, unless
    /// ``begin()`` is called.
    private var began = MonotonicTime.now

    package init(_ log: StepLog?, client: SocketAddress) {
        self.log = log
        self.client = client
    }

    package mutating func begin() { began = MonotonicTime.now }

    /// Notes a call that has just returned.
    package mutating func note(
        _ action: PeerStep.Action,
        _ bytes: some Collection<UInt8> = EmptyCollection(),
        failing errno: Errno? = nil
    ) {
        guard let log else { return }
        let now = MonotonicTime.now
        let code = errno?.rawValue
        let name = client.description
        log.append(PeerStep(action, client: name, began: began, ended: now, bytes: bytes, errno: code))
        began = now
    }
}
