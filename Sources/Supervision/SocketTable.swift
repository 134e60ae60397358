import Foundation
import Sockets

/// The sockets of a process's network that are bound or connected, from /proc/PID/net/tcp and its like
/// (proc_pid_net(5)).
struct SocketTable {
    struct Row {
        let state: HeldSocket.State
        let local: String?
        let remote: String?
    }

    private(set) var rows: [UInt64: Row] = [:]

    init(of process: pid_t) throws(InspectionError) {
        for name in ["tcp", "udp", "tcp6", "udp6"] {
            let path = "/proc/\(process)/net/\(name)"
            guard let text = contents(of: path) else {
                // A kernel without IPv6 has no tables of it.
                if name.hasSuffix("6") { continue }
                throw InspectionError(path: path, code: errno)
            }
            for line in text.split(separator: UInt8(ascii: "\n")).dropFirst() {
                add(String(decoding: line, as: UTF8.self).split(separator: " "))
            }
        }
    }

    private mutating func add(_ fields: [Substring]) {
        guard fields.count > 9, let inode = UInt64(fields[9]), inode != 0,
            let state = UInt8(fields[3], radix: 16).flatMap(HeldSocket.State.init(rawValue:))
        else { return }
        rows[inode] = Row(state: state, local: Self.address(fields[1]), remote: Self.address(fields[2]))
    }

    /// `0100007F:1B5F` is 127.0.0.1:7007: the address in words of the machine's byte order, the port as a
    /// number. Nil: port 0, nothing bound or connected.
    private static func address(_ text: Substring) -> String? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = in_port_t(parts[1], radix: 16), port != 0 else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while let word = UInt32(rest.prefix(8), radix: 16) {
            withUnsafeBytes(of: word) { bytes += $0 }
            rest = rest.dropFirst(8)
        }
        return SocketAddress(bytes: bytes, port: port)?.onTheWire.description
    }
}
