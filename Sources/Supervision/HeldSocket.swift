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
        let table = try SocketTable(of: thread)
        return entries(of: folder).compactMap { Int32($0) }.sorted().compactMap { descriptor in
            guard let inode = socketInode("\(folder)/\(descriptor)") else { return nil }
            let listed = table.rows[inode]
            return HeldSocket(
                descriptor: descriptor,
                inode: inode,
                transport: transport("\(folder)/\(descriptor)"),
                state: listed?.state ?? .unconnected,
                local: listed?.local ?? localAddress(of: descriptor, in: thread),
                remote: listed?.remote
            )
        }
    }
}

/// The number in `socket:[12345]`, which is where the link of a socket's descriptor points to.
private func socketInode(_ path: String) -> UInt64? {
    var text = [CChar](repeating: 0, count: 64)
    let count = readlink(path, &text, text.count)
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

/// What a socket of another process is bound to: of one that is bound and does not listen, no table tells.
private func localAddress(of descriptor: Int32, in thread: pid_t) -> String? {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout.size(ofValue: address))
    guard supervision_getsockname(thread, descriptor, &address, &length) == 0 else { return nil }
    var port: in_port_t = 0
    var bytes: [UInt8] = []
    switch Int32(address.ss_family) {
    case AF_INET:
        withUnsafeBytes(of: &address) {
            let address = $0.loadUnaligned(as: sockaddr_in.self)
            port = UInt16(bigEndian: address.sin_port)
            withUnsafeBytes(of: address.sin_addr) { bytes = Array($0) }
        }
    case AF_INET6:
        withUnsafeBytes(of: &address) {
            let address = $0.loadUnaligned(as: sockaddr_in6.self)
            port = UInt16(bigEndian: address.sin6_port)
            withUnsafeBytes(of: address.sin6_addr) { bytes = Array($0) }
        }
    default:
        return nil
    }
    return port == 0 ? nil : hostAndPort(bytes, port)
}
