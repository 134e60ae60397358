// A thread for each client; sendmsg(2), recvmsg(2); a line that is too long ends its connection by a RST.
import LabSupport

@main
struct Program {
    static func main() {
        let port = portArgument(usage: "capitalise-server PORT")
        for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(0) } }
        signal(SIGPIPE, SIG_IGN)

        let listener = socket(AF_INET, SOCK_STREAM, 0)
        if listener == -1 { fail("socket") }
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        if generic(&address, { bind(listener, $0, $1.pointee) }) == -1 { fail("bind") }
        if listen(listener, 100) == -1 { fail("listen") }
        if generic(&address, { getsockname(listener, $0, $1) }) == -1 { fail("getsockname") }
        announce("listening on \(name(of: address))")
        while true {
            var peer = sockaddr_in()
            let descriptor = generic(&peer) { accept(listener, $0, $1) }
            if descriptor == -1 { continue }
            announce("accepted \(name(of: peer))")
            let client = Client(descriptor: descriptor)
            let closed = "closed \(name(of: peer))"
            serve(client, closed)
        }
    }
}

// Outside the main actor, to which main's own closures belong.
func serve(_ client: Client, _ closed: String) {
    inBackground {
        var client = client
        client.converse()
        close(client.descriptor)
        announce(closed)
    }
}

struct Client: Sendable {
    let descriptor: Int32
    private var pending: [UInt8] = []

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    mutating func converse() {
        while let bytes = receive(atMost: 1 << 20) {
            if bytes.isEmpty {
                _ = send(pending)
                return
            }
            pending += bytes
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                if end >= 65_536 { return reset() }
                if !send(Array(pending[...end])) { return }
                pending = Array(pending[(end + 1)...])
            }
            if pending.count > 65_535 { return reset() }
        }
    }

    /// Empty at the end of file, nil where the client is gone.
    private func receive(atMost size: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: size)
        let count = buffer.withUnsafeMutableBytes { bytes in
            var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
            return withUnsafeMutablePointer(to: &part) { parts in
                var message = msghdr()
                message.msg_iov = parts
                message.msg_iovlen = 1
                var count = 0
                repeat { count = recvmsg(descriptor, &message, 0) } while count == -1 && errno == EINTR
                return count
            }
        }
        return count == -1 ? nil : Array(buffer[..<count])
    }

    private func send(_ line: [UInt8]) -> Bool {
        var bytes = line.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x20
            default: byte
            }
        }
        while !bytes.isEmpty {
            let count = bytes.withUnsafeMutableBytes { bytes in
                var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &part) { parts in
                    var message = msghdr()
                    message.msg_iov = parts
                    message.msg_iovlen = 1
                    return sendmsg(descriptor, &message, 0)
                }
            }
            if count == -1 && errno != EINTR { return false }
            bytes.removeFirst(max(0, count))
        }
        return true
    }

    private func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }
}

func generic(
    _ address: inout sockaddr_in,
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
) -> Int32 {
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
    }
}

func name(of address: sockaddr_in) -> String {
    var (host, numeric) = ([CChar](repeating: 0, count: 16), address.sin_addr)
    inet_ntop(AF_INET, &numeric, &host, 16)
    return "\(String(cString: host)):\(address.sin_port.bigEndian)"
}
