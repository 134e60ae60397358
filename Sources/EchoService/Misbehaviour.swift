/// What an echo server does other than RFC 862 says, on request: each is legal TCP, and a client has to cope.
///
/// Two or more go together: set them one by one.
public struct Misbehaviour: Hashable, Sendable {
    /// Sends back no more than this many bytes at a time, each piece in a segment of its own.
    public var pieceSize: Int?
    /// Sends back only when this time has passed since the first of the bytes came.
    public var delay: Duration?
    /// Accepts, but never reads.
    public var stalls = false
    /// Ends the connection by itself.
    public var ending: Ending?
    /// Has the port, but doesn't listen: connect(2) fails with ECONNREFUSED.
    public var refuses = false

    /// How a server ends a connection by itself, after it has sent back so many bytes.
    public enum Ending: Hashable, Sendable {
        /// By a FIN. What the client still sends is read and dropped, so that no RST follows.
        case close(after: Int)
        /// By a RST, which drops what the client's side has not acknowledged yet.
        case reset(after: Int)
    }

    public init() {}

    /// None: RFC 862 to the letter.
    public static let none = Misbehaviour()
    public static let stall = Misbehaviour { $0.stalls = true }
    public static let refuse = Misbehaviour { $0.refuses = true }

    public static func dribble(bytes: Int) -> Misbehaviour { Misbehaviour { $0.pieceSize = bytes } }
    public static func delay(_ delay: Duration) -> Misbehaviour { Misbehaviour { $0.delay = delay } }
    public static func closeEarly(after bytes: Int) -> Misbehaviour {
        Misbehaviour { $0.ending = .close(after: bytes) }
    }
    public static func reset(after bytes: Int) -> Misbehaviour {
        Misbehaviour { $0.ending = .reset(after: bytes) }
    }

    private init(_ change: (inout Misbehaviour) -> Void) {
        change(&self)
    }

    /// How many bytes are sent back before the connection ends; nil is all of them.
    var allowance: Int? {
        switch ending {
        case .close(let count), .reset(let count): count
        case nil: nil
        }
    }
}
