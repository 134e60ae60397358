// Inside `Socket` these names are its methods, so the call is captured first.
private let sysSendto = sendto

/// A datagram that came, and from where.
public struct Datagram: Hashable, Sendable {
    public let bytes: [UInt8]
    public let sender: SocketAddress

    /// The most bytes that one of IPv4 has: 65,535 of an IP packet, less 20 for its header and 8 for UDP's.
    public static let largest = 65_507
}

/// Datagrams of a socket of UDP. udp(7).
extension Socket {
    /// Sends `bytes` as one datagram. sendto(2).
    ///
    /// - Throws: EMSGSIZE where it would be larger than ``Datagram/largest``.
    public func send(_ bytes: [UInt8], to receiver: SocketAddress) throws(SocketError) {
        try retrying("sendto") {
            receiver.withSockAddr { address, length in
                bytes.withUnsafeBytes {
                    sysSendto(descriptor, $0.baseAddress, $0.count, sendFlags, address, length)
                }
            }
        }
    }

    /// Takes the next datagram, and waits where none has come. recvfrom(2).
    public func receiveDatagram() throws(SocketError) -> Datagram {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var sender: SocketAddress?
        let count = try readAddress(into: &sender) { (pointer, length) throws(SocketError) in
            try retrying("recvfrom") {
                recvfrom(descriptor, &buffer, buffer.count, 0, pointer, &length)
            }
        }
        guard let sender else { throw SocketError(call: "recvfrom", errno: Errno(EAFNOSUPPORT)) }
        return Datagram(bytes: Array(buffer[..<count]), sender: sender)
    }
}
