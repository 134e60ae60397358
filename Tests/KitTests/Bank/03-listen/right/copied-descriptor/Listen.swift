// The socket listens by a copy of its descriptor, and the first one is closed; SOMAXCONN is not asked.
import LabSupport

@main
struct Listen {
    static func main() {
        let port = portArgument(usage: "listen PORT")
        let first = socket(PF_INET, SOCK_STREAM, 0)
        if first == -1 { fail("socket") }
        let listener = dup(first)
        close(first)

        var on = (Int32(1), Int32(0))
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 8) == -1 { fail("setsockopt") }
        var time = timeval(tv_sec: 5, tv_usec: 0)
        _ = setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))

        var address = sockaddr_in()
        address.sin_family = numericCast(AF_INET)
        address.sin_port = port << 8 | port >> 8
        address.sin_addr = in_addr(s_addr: inet_addr("127.0.0.1"))
        let bound = withUnsafePointer(to: &address) { pointer in
            bind(listener, UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), 16)
        }
        if bound != 0 { fail("bind") }
        if listen(listener, 1 << 16) != 0 { fail("listen") }

        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let storage = UnsafeMutableRawPointer.allocate(byteCount: Int(size), alignment: 8)
        defer { storage.deallocate() }
        if getsockname(listener, storage.assumingMemoryBound(to: sockaddr.self), &size) != 0 {
            fail("getsockname")
        }
        let (high, low) = (
            storage.load(fromByteOffset: 2, as: UInt8.self), storage.load(fromByteOffset: 3, as: UInt8.self)
        )
        announce("listening on 127.0.0.1:\(Int(high) * 256 + Int(low))")
        waitForEndOfInput()
        close(listener)
    }
}
