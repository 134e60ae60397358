/// An IPv4 or IPv6 address with a port, as people write it. ip(7), ipv6(7).
///
/// Network byte order is met in this file alone: `port` is in the order of this machine.
public struct SocketAddress: Hashable, Sendable {
    /// The address in network byte order: 4 bytes are IPv4, 16 are IPv6.
    private let bytes: [UInt8]
    /// Which interface a link-local IPv6 address belongs to; 0 for every other address.
    private let scope: UInt32
    public let port: UInt16

    /// 127.0.0.1 at `port`; 0 lets the kernel choose one when the address is bound.
    public static func loopback(_ port: UInt16) -> SocketAddress {
        SocketAddress(bytes: [127, 0, 0, 1], scope: 0, port: port)
    }

    /// ::1 at `port`; 0 lets the kernel choose one when the address is bound.
    public static func loopback6(_ port: UInt16) -> SocketAddress {
        SocketAddress(bytes: [UInt8](repeating: 0, count: 15) + [1], scope: 0, port: port)
    }

    /// - Parameter bytes: the address in network byte order, 4 bytes of IPv4 or 16 of IPv6. Any other count gives
    ///   nil.
    public init?(bytes: [UInt8], port: UInt16) {
        guard [4, 16].contains(bytes.count) else { return nil }
        self.init(bytes: bytes, scope: 0, port: port)
    }

    private init(bytes: [UInt8], scope: UInt32, port: UInt16) {
        self.bytes = bytes
        self.scope = scope
        self.port = port
    }

    /// - Parameter host: numeric, `127.0.0.1` or `::1`, as inet_pton(3) reads it. Anything else gives nil.
    public init?(host: String, port: UInt16) {
        let isV6 = host.contains(":")
        var bytes = [UInt8](repeating: 0, count: isV6 ? 16 : 4)
        guard inet_pton(isV6 ? AF_INET6 : AF_INET, host, &bytes) == 1 else { return nil }
        self.init(bytes: bytes, scope: 0, port: port)
    }

    /// The opposite of ``description``: `127.0.0.1:7007` or `[::1]:7007`. Anything else gives nil.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.allSatisfy({ "0"..."9" ~= $0 }), let port = UInt16(digits) else { return nil }

        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard isBracketed == host.contains(":") else { return nil }
        self.init(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: port)
    }

    public var domain: Socket.Domain { bytes.count == 4 ? .inet : .inet6 }

    /// Numeric, as inet_ntop(3) writes it: `127.0.0.1` or `::1`.
    public var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = inet_ntop(domain.rawValue, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The address as it is on the wire: of `::ffff:127.0.0.1`, which a socket of IPv6 may have (RFC 4291, 2.5.5.2),
    /// that is 127.0.0.1.
    public var onTheWire: SocketAddress {
        let isMapped =
            bytes.count == 16 && bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF])
        return isMapped ? SocketAddress(bytes: Array(bytes.suffix(4)), scope: 0, port: port) : self
    }

    /// The same address at another port.
    public func at(port: UInt16) -> SocketAddress {
        SocketAddress(bytes: bytes, scope: scope, port: port)
    }
}

extension SocketAddress: CustomStringConvertible {
    public var description: String {
        domain == .inet ? "\(host):\(port)" : "[\(host)]:\(port)"
    }
}

// MARK: - As the kernel has it

extension SocketAddress {
    /// Reads an address that the kernel wrote. Gives nil for a family other than AF_INET and AF_INET6.
    public init?(_ storage: sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = withUnsafeBytes(of: storage) { $0.load(as: sockaddr_in.self) }
            let bytes = withUnsafeBytes(of: address.sin_addr) { [UInt8]($0) }
            self.init(bytes: bytes, scope: 0, port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = withUnsafeBytes(of: storage) { $0.load(as: sockaddr_in6.self) }
            let bytes = withUnsafeBytes(of: address.sin6_addr) { [UInt8]($0) }
            self.init(bytes: bytes, scope: address.sin6_scope_id, port: UInt16(bigEndian: address.sin6_port))
        default:
            return nil
        }
    }

    /// Hands the address to a call such as bind(2): the generic pointer that every family shares, and the
    /// length.
    ///
    /// - Parameter body: makes the call; the pointer is good until it returns.
    public func withSockAddr<Result, Failure: Error>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch domain {
        case .inet: try rebound(inetAddress, body)
        case .inet6: try rebound(inet6Address, body)
        }
    }

    private var inetAddress: sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
        return address
    }

    private var inet6Address: sockaddr_in6 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_scope_id = scope
        withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
        return address
    }

    private func rebound<Address, Result, Failure: Error>(
        _ address: Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafePointer(to: address) { (pointer) throws(Failure) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (generic) throws(Failure) in
                try body(generic, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
