import Foundation
import Sockets
import Supervision

/// Why no connection came to a server, or one where there should be none, where the record of the calls
/// points to it.
struct ConnectCause {
    let text: String?

    /// - Parameter server: where the connection should have come.
    init(_ seen: Observation, to server: SocketAddress) {
        let connects = seen.calls(.connect)
        if let lookup = seen.calls(.getaddrinfo).last, lookup.result != 0 {
            text = Self.causeOfLookup(lookup)
        } else if !connects.isEmpty {
            text =
                Self.causeOfSocket(seen) ?? connects.last { $0.errno != nil }.flatMap(CallCause.ofConnect)
                ?? Self.causeOfAddress(connects, server, seen)
        } else {
            let isEnded = seen.ending != nil && seen.ending != .exited(1)
            text = seen.recorderLoaded && !isEnded ? "connect(2) was not called" : nil
        }
    }

    /// The program has not noticed that it could not connect.
    init(ofFailureUnseen seen: Observation) {
        let connects = seen.calls(.connect)
        if seen.output.isEmpty {
            text = connects.last?.errno == EINTR && seen.ending != nil ? Self.afterASignal : nil
        } else {
            text =
                Self.causeOfSocket(seen)
                ?? (connects.contains { $0.errno == EINTR }
                    ? "interrupted, connect(2) goes on by itself, and may still fail: SO_ERROR tells how it went"
                    : nil)
        }
    }

    static let afterASignal =
        "interrupted, connect(2) goes on by itself: poll(2) tells when it is done, and SO_ERROR how it went"

    private static func causeOfLookup(_ lookup: SocketCall) -> String? {
        guard lookup.arguments.count > 4 else { return nil }
        let (host, service, family) = (lookup.arguments[0], lookup.arguments[1], lookup.arguments[2])
        if family != "AF_UNSPEC" {
            return "getaddrinfo(3) was asked for \(family) alone: AF_UNSPEC is for any family"
        }
        switch lookup.arguments[4] {
        case "EAI_NONAME" where host != "-":
            return "getaddrinfo(3) was asked for \(host) and \(service), and did not know them:"
                + " AI_NUMERICHOST and AI_NUMERICSERV let it know numbers alone"
        case "EAI_BADFLAGS", "EAI_SOCKTYPE", "EAI_FAMILY":
            return "getaddrinfo(3) does not know these hints: \(lookup.arguments[4])"
        default: return nil
        }
    }

    /// A socket of another kind.
    private static func causeOfSocket(_ seen: Observation) -> String? {
        let isDatagram = seen.calls(.socket).contains { call in
            let type = call.arguments.dropFirst().first ?? ""
            return type.hasPrefix("SOCK_DGRAM")
                && seen.calls(.connect).contains { $0.descriptor.map(Int.init) == call.result }
        }
        return isDatagram
            ? "that socket is of UDP, whose connect(2) sends nothing, and so is not refused:"
                + " ai_socktype in the hints has to be SOCK_STREAM"
            : nil
    }

    /// An address of another place.
    private static func causeOfAddress(_ connects: [SocketCall], _ server: SocketAddress, _ seen: Observation)
        -> String?
    {
        let asked = connects.compactMap { $0.arguments.dropFirst().first }
        if asked.contains("\(server)") { return nil }
        let swapped = server.port.byteSwapped
        if asked.contains(where: { $0.hasSuffix(":\(swapped)") }) {
            return "\(swapped) is \(server.port) with its two bytes swapped: ports are in network byte order"
        }
        if connects.contains(where: { $0.result == 0 }) {
            return "connect(2) was called for \(asked[asked.count - 1]), and not for \(server) before"
        }
        let isKnown = seen.calls(.getaddrinfo).contains { $0.arguments.last?.contains("\(server)") == true }
        return isKnown
            ? "getaddrinfo(3) answered more than one address: \(server) was not tried"
            : "connect(2) was called for \(asked[asked.count - 1])"
    }
}

extension CallCause {
    /// Why connect(2) failed.
    static func ofConnect(_ call: SocketCall) -> String? {
        guard call.arguments.count > 2 else { return nil }
        let (address, length) = (call.arguments[1], call.arguments[2])
        switch call.errno {
        case EINTR: return ConnectCause.afterASignal
        case EINVAL where address.hasPrefix("family"):
            return "connect(2) was told the length \(length): ai_addrlen is that of the address"
        case EINVAL, EAFNOSUPPORT:
            return "the socket is of another family than \(address): ai_family is for socket(2)"
        case EISCONN, EALREADY:
            return "that socket is connected, or about to be: each attempt needs a socket of its own"
        case EINPROGRESS:
            return "the socket is O_NONBLOCK: connect(2) has begun, and poll(2) tells when it is done"
        case EBADF where call.descriptor == -1:
            return "-1 is no descriptor: it is what a call returns that failed"
        case EBADF:
            return "descriptor \(call.descriptor ?? 0) is not open: each attempt needs a socket of its own"
        default: return nil
        }
    }
}

extension ReportCause {
    /// A lookup has failed.
    init(_ seen: Observation, lookup reason: String) {
        let strerrors = seen.errorText.split(separator: "\n").first {
            $0.hasPrefix("getaddrinfo: ") && !$0.hasSuffix(reason)
        }
        if let line = strerrors, seen.output.isEmpty {
            text =
                "\"\(line)\" is not its reason: getaddrinfo(3) returns it, and gai_strerror(3) has the words"
        } else {
            text = ReportCause(seen, names: ["getaddrinfo"], reason).text
        }
    }
}

/// Why the status line tells another address than the one that answered, where what it says points to it.
struct LineCause {
    let text: String?

    init(_ line: String, instead address: SocketAddress, refused: SocketAddress?, _ seen: Observation) {
        let told = line.hasPrefix("connected to ") ? String(line.dropFirst("connected to ".count)) : line
        let own = seen.calls(.getsockname).compactMap { $0.arguments.last }
        if told.contains("\0") {
            text = "a C string ends at its first 0: what stands behind it came along"
        } else if told == refused?.description {
            text = "\(told) was tried first and refused: the address that answered is another"
        } else if told.hasSuffix(":\(address.port.byteSwapped)") {
            text =
                "\(address.port.byteSwapped) is \(address.port) with its two bytes swapped:"
                + " ports are in network byte order"
        } else if own.contains(told) {
            text =
                "that is this end of the connection, as getsockname(2) tells it; getpeername(2) has the other"
        } else if told.contains("::ffff:") {
            text = "that is an address of IPv4 in the clothes of IPv6: AI_V4MAPPED was asked for"
        } else if address.domain == .inet6, told == "\(address.host):\(address.port)" {
            text = "an address of IPv6 has colons of its own: brackets set the port apart"
        } else if told.hasPrefix("\(address.host):"), let port = told.split(separator: ":").last,
            !port.allSatisfy(\.isNumber)
        {
            text =
                "\(port) is a service's name: the line tells the port in numbers, NI_NUMERICSERV of getnameinfo(3)"
        } else if told.hasPrefix(address.host) || told.hasPrefix("[\(address.host)]") {
            text = nil
        } else if let host = told.split(separator: ":").first, SocketAddress(host: "\(host)", port: 0) == nil
        {
            text =
                "\(host) is a name: the line tells the address in numbers, NI_NUMERICHOST of getnameinfo(3)"
        } else {
            text = nil
        }
    }
}
