/// A name that could not be turned into an address.
public struct ResolutionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `getaddrinfo: ` and what gai_strerror(3) says.
    public let description: String
}

extension SocketAddress {
    /// The addresses of a service, in the order in which they are to be tried. getaddrinfo(3).
    ///
    /// - Parameters:
    ///   - host: a name, or a numeric address.
    ///   - service: a name out of services(5), or a decimal number.
    ///   - kind: what its sockets carry.
    public static func resolve(
        host: String,
        service: String,
        kind: Socket.Kind = .stream
    ) throws(ResolutionError) -> [SocketAddress] {
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
