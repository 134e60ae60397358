/// A name that could not be turned into an address.
public struct ResolutionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `getaddrinfo: ` and what gai_strerror(3) says, or what is wrong with the port.
    public let description: String
}

extension SocketAddress {
    /// The addresses of a service, in the order in which they are to be tried. getaddrinfo(3).
    ///
    /// - Parameters:
    ///   - host: a name, or a numeric address.
    ///   - service: a name out of services(5), or a decimal number of at most 65535.
    ///   - kind: what its sockets carry.
    /// - Throws: what getaddrinfo(3) says, and that a number is no port, of which it would take the lower 16 bits.
    public static func resolve(
        host: String,
        service: String,
        kind: Socket.Kind = .stream
    ) throws(ResolutionError) -> [SocketAddress] {
        if service.allSatisfy({ "0"..."9" ~= $0 }), UInt16(service) == nil {
            throw ResolutionError(description: "a port is a number from 0 to 65535: \(service)")
        }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = kind.rawValue

        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, service, &hints, &first)
        let errno = Errno.last
        guard code == 0 else {
            let reason = code == EAI_SYSTEM ? errno.description : String(cString: gai_strerror(code))
            throw ResolutionError(description: "getaddrinfo: \(reason)")
        }
        defer { freeaddrinfo(first) }
        return sequence(first: first, next: { $0?.pointee.ai_next }).prefix { $0 != nil }
            .compactMap { $0?.pointee }
            .compactMap(SocketAddress.init)
    }

    private init?(_ info: addrinfo) {
        var storage = sockaddr_storage()
        guard let address = info.ai_addr, info.ai_addrlen <= MemoryLayout<sockaddr_storage>.size else {
            return nil
        }
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
        }
        self.init(storage)
    }
}
