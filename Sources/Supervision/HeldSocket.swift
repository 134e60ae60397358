import CSupervision
import Foundation

/// A socket that a process holds, seen from outside.
public struct HeldSocket: Sendable, Hashable {
    public let descriptor: Int32
    /// One socket may be held by several descriptors, and several processes.
    public let inode: UInt64
    /// As the kernel names it: `TCP`, `TCPv6`, `UDP`, `UDPv6`, `UNIX`; empty where it doesn't tell.
    public let transport: String
    public let state: State
    /// `127.0.0.1:7007`, `[::1]:7007`; nil before bind(2), and where it can't be told.
    public let local: String?
    /// Nil where there is no peer.
    public let remote: String?

    /// As in tcp(7), by the number of the kernel's table.
    public enum State: UInt8, Sendable, Hashable {
        case established = 1
        case synSent, synReceived, finWait1, finWait2, timeWait
        /// Neither connected nor listening; of UDP: not connected.
        case unconnected
        case closeWait, lastAck, listen, closing
    }
}

/// What /proc did not tell.
public struct InspectionError: Error, CustomStringConvertible {
    public let path: String
    public let code: Int32

    public var description: String { "\(path): \(String(cString: strerror(code)))" }
}

extension RunningProgram {
    /// The sockets that a process holds, by descriptor; without `process`, the program itself.
    public func sockets(of process: pid_t? = nil) throws(InspectionError) -> [HeldSocket] {
        let thread = livingThread(of: process ?? processIdentifier)
        let folder = "/proc/\(thread)/fd"
        guard let stream = opendir(folder) else { throw InspectionError(path: folder, code: errno) }
        closedir(stream)
        var table: SocketTable?
        var sockets: [HeldSocket] = []
        for descriptor in entries(of: folder).compactMap({ Int32($0) }).sorted() {
            let path = "\(folder)/\(descriptor)"
            guard let inode = try socketInode(path) else { continue }
            var seen = SocketTable.Row(ofSocket: descriptor, in: thread)
            if seen == nil {
                // Where a process must not borrow from another: the kernel's tables, which can be long.
                if table == nil { table = try SocketTable(of: thread) }
                seen = table?.rows[inode]
            }
            let transport = transport(path)
            // Nothing is told of one that was closed between the two looks at it.
            if transport.isEmpty, try socketInode(path) != inode { continue }
            sockets.append(
                HeldSocket(
                    descriptor: descriptor,
                    inode: inode,
                    transport: transport,
                    state: seen?.state ?? .unconnected,
                    local: seen?.local,
                    remote: seen?.remote
                )
            )
        }
        return sockets
    }
}

/// The number in `socket:[12345]`, which is where the link of a socket's descriptor points to.
private func socketInode(_ path: String) throws(InspectionError) -> UInt64? {
    var text = [CChar](repeating: 0, count: 64)
    let count = readlink(path, &text, text.count)
    // Closed in the meantime; anything else means that we must not look.
    if count == -1 && errno != ENOENT { throw InspectionError(path: path, code: errno) }
    let target = text.withUnsafeBytes { String(decoding: $0.prefix(max(0, count)), as: UTF8.self) }
    return target.hasPrefix("socket:[") ? UInt64(target.dropFirst(8).dropLast()) : nil
}

private func transport(_ path: String) -> String {
    #if os(Linux)
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = getxattr(path, "system.sockprotoname", &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != 0 }, as: UTF8.self)
    #else
    return ""
    #endif
}

/// A thread of a process: the first, unless that alone has ended. Then /proc tells no descriptors of it.
private func livingThread(of process: pid_t) -> pid_t {
    let folder = "/proc/\(process)"
    guard ProcessState(process, in: folder)?.state == "Z" else { return process }
    return entries(of: "\(folder)/task").compactMap { pid_t($0) }.first { $0 != process } ?? process
}
