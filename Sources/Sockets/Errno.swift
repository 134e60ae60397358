/// Why a call failed: the value that it left in errno(3).
public struct Errno: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// What the call before has left. Read it on the line after that call: whatever runs in between may
    /// change it.
    public static var last: Errno { Errno(errno) }

    /// The name that the man pages use: `EADDRINUSE`. For one that no socket call gives, its number: `errno
    /// 12345`.
    public var name: String {
        Self.names[rawValue] ?? "errno \(rawValue)"
    }

    /// The number behind a `name`, or nil where no socket call gives one of this name.
    public init?(name: String) {
        guard let rawValue = Self.names.first(where: { $0.value == name })?.key else { return nil }
        self.rawValue = rawValue
    }
}

extension Errno: CustomStringConvertible {
    /// What strerror(3) says: `Address already in use`.
    public var description: String { String(cString: strerror(rawValue)) }
}

extension Errno {
    /// EWOULDBLOCK has no line of its own, since it is EAGAIN on every platform that the kit is for.
    private static let names: [Int32: String] = [
        EACCES: "EACCES",
        EADDRINUSE: "EADDRINUSE",
        EADDRNOTAVAIL: "EADDRNOTAVAIL",
        EAFNOSUPPORT: "EAFNOSUPPORT",
        EAGAIN: "EAGAIN",
        EALREADY: "EALREADY",
        EBADF: "EBADF",
        ECHILD: "ECHILD",
        ECONNABORTED: "ECONNABORTED",
        ECONNREFUSED: "ECONNREFUSED",
        ECONNRESET: "ECONNRESET",
        EDESTADDRREQ: "EDESTADDRREQ",
        EFAULT: "EFAULT",
        EHOSTUNREACH: "EHOSTUNREACH",
        EINPROGRESS: "EINPROGRESS",
        EINTR: "EINTR",
        EINVAL: "EINVAL",
        EIO: "EIO",
        EISCONN: "EISCONN",
        EMFILE: "EMFILE",
        EMSGSIZE: "EMSGSIZE",
        ENETDOWN: "ENETDOWN",
        ENETUNREACH: "ENETUNREACH",
        ENFILE: "ENFILE",
        ENOBUFS: "ENOBUFS",
        ENOENT: "ENOENT",
        ENOMEM: "ENOMEM",
        ENOPROTOOPT: "ENOPROTOOPT",
        ENOSPC: "ENOSPC",
        ENOTCONN: "ENOTCONN",
        ENOTSOCK: "ENOTSOCK",
        EOPNOTSUPP: "EOPNOTSUPP",
        EPERM: "EPERM",
        EPIPE: "EPIPE",
        EPROTONOSUPPORT: "EPROTONOSUPPORT",
        EPROTOTYPE: "EPROTOTYPE",
        ETIMEDOUT: "ETIMEDOUT",
    ]
}
