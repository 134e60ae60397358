extension Socket {
    /// An address family, as the first argument of socket(2) names it.
    public enum Domain: Sendable {
        /// AF_INET: IPv4.
        case inet
        /// AF_INET6: IPv6.
        case inet6

        public var rawValue: Int32 {
            switch self {
            case .inet: AF_INET
            case .inet6: AF_INET6
            }
        }
    }

    /// What a socket carries, as the second argument of socket(2) names it.
    public enum Kind: Sendable {
        /// SOCK_STREAM: connected, ordered, reliable (TCP).
        case stream
        /// SOCK_DGRAM: no connection, each packet on its own (UDP).
        case datagram

        public var rawValue: Int32 {
            switch self {
            case .stream: streamType
            case .datagram: datagramType
            }
        }
    }

    /// Which direction of a connection ends, as the second argument of shutdown(2) names it.
    public enum Direction: Sendable {
        /// SHUT_RD: nothing more is received.
        case read
        /// SHUT_WR: nothing more is sent; the peer gets a FIN, after what was sent before.
        case write
        /// SHUT_RDWR.
        case both

        public var rawValue: Int32 {
            switch self {
            case .read: Int32(SHUT_RD)
            case .write: Int32(SHUT_WR)
            case .both: Int32(SHUT_RDWR)
            }
        }
    }
}
