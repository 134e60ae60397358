import Foundation
import Sockets

/// A port that nobody has.
public enum FreePort {
    /// Returns a port on 127.0.0.1 that was free a moment ago, and that the kernel gives to nobody by itself.
    ///
    /// It lies below the range from which the kernel takes a port for whoever asks for none (ip(7)), so only
    /// a program that names it can take it before its user does. Still, let a program choose by port 0
    /// wherever the number itself doesn't matter, and judge by the errno where it does.
    public static func reserve() throws(SocketError) -> UInt16 {
        for _ in 1...1000 {
            guard let port = candidate() else { break }
            if isUnmistakable(port), (try? PortHolder(boundTo: .loopback(port))) != nil { return port }
        }
        return try ofKernel()
    }

    /// Returns a port on 127.0.0.1 that the kernel had to give a moment ago: an unmistakable one, where it has any.
    public static func ofKernel() throws(SocketError) -> UInt16 {
        try unmistakable { () throws(SocketError) in
            try PortHolder(boundTo: .loopback(0))
        } port: {
            $0.port
        }.port
    }

    /// Returns what `bind` has made, once it has an unmistakable port: one in nine is, unless the kernel's range is
    /// small. Then any port has to do.
    ///
    /// - Parameters:
    ///   - bind: makes something that is bound to a port of the kernel's choice.
    ///   - port: tells which one that is.
    public static func unmistakable<Bound: ~Copyable>(
        _ bind: () throws(SocketError) -> Bound,
        port: (borrowing Bound) throws(SocketError) -> UInt16
    ) throws(SocketError) -> Bound {
        for _ in 1...200 {
            let bound = try bind()
            if isUnmistakable(try port(bound)) { return bound }
        }
        return try bind()
    }

    /// Whether no check has the port whose two bytes are swapped: it lies below all that they use, and is none of
    /// those that take a privilege. A program that swaps them then meets nobody else's peer. Nor does anybody write
    /// that one into a program, which would look as if it swapped them.
    private static func isUnmistakable(_ port: UInt16) -> Bool {
        (1024..<lowest).contains(port.byteSwapped) && !isRound(port.byteSwapped)
    }

    /// As ports are that people think of: 7007, 8080, 5000, 1234.
    private static func isRound(_ port: UInt16) -> Bool {
        let digits = String(port)
        return Set(digits).count <= 2 || digits.hasSuffix("0") || "0123456789".contains(digits)
    }

    private static let lowest: UInt16 = 10_000

    /// A port from there, which somebody may have; nil where this machine leaves too few to draw from. Its two
    /// bytes are not the same, which would hide that they were swapped.
    static func candidate() -> UInt16? {
        guard firstEphemeral >= 15_000 else { return nil }
        let port = UInt16.random(in: lowest..<firstEphemeral)
        return port == port.byteSwapped ? port + 1 : port
    }

    private static let firstEphemeral: UInt16 = {
        let range = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let first = range?.split(separator: "\t").first.flatMap { UInt16($0) }
        return first ?? 32_768
    }()
}

/// Has a port, so that nobody else can: until it is let go of.
public final class PortHolder: Sendable {
    /// With the port that the kernel chose, where it was to choose.
    public let address: SocketAddress
    private let socket: Socket

    /// Binds `address`, without listening: connect(2) to it is refused. Without SO_REUSEADDR.
    public init(boundTo address: SocketAddress = .loopback(0)) throws(SocketError) {
        socket = try Socket(address.domain, .stream)
        try socket.bind(to: address)
        self.address = try socket.localAddress()
    }

    /// Binds `address` and listens there; nobody accepts. Without SO_REUSEADDR.
    public convenience init(listeningOn address: SocketAddress = .loopback(0)) throws(SocketError) {
        try self.init(boundTo: address)
        try socket.listen()
    }

    public var port: UInt16 { address.port }
}

/// What connect(2) to an address gives.
public enum Probe: Hashable, Sendable {
    /// Somebody listens there.
    case accepted
    /// Nobody listens there.
    case refused
    /// The connection was not answered in time, as when a queue is full.
    case noAnswer
    case failed(SocketError)

    /// Connects to `address` and closes the connection at once.
    public init(connectingTo address: SocketAddress, patience: Duration = .seconds(2)) {
        do throws(SocketError) {
            var deadline = Deadline(patience)
            try Socket(address.domain, .stream).connect(to: address, until: &deadline)
            self = .accepted
        } catch {
            switch error.errno.name {
            case "ECONNREFUSED": self = .refused
            case "ETIMEDOUT": self = .noAnswer
            default: self = .failed(error)
            }
        }
    }
}
