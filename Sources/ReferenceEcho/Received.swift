import Sockets

/// How far a connection has come, as seen from one of its ends.
public enum Ending: Hashable, Sendable {
    /// The peer may still send.
    case stillOpen
    /// The peer has sent a FIN: nothing more will come.
    case endOfFile
    /// The connection is broken.
    case reset(Errno)
}

/// What came from a peer.
public struct Received: Hashable, Sendable {
    public let bytes: [UInt8]
    /// What came right after the bytes. Where fewer came than were asked for, `.stillOpen` says that patience
    /// ran out.
    public let ending: Ending

    public init(_ bytes: [UInt8], _ ending: Ending) {
        self.bytes = bytes
        self.ending = ending
    }
}

extension Ending: CustomStringConvertible {
    public var description: String {
        switch self {
        case .stillOpen: "nothing more"
        case .endOfFile: "FIN"
        case .reset(let errno): "RST (\(errno))"
        }
    }
}

extension Received: CustomStringConvertible {
    public var description: String { "\(describe(bytes)), then \(ending)" }
}
