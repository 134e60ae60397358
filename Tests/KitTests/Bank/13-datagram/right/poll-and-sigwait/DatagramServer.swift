// A thread serves, the main thread waits for signals by sigwait(3). SO_REUSEADDR is set; a bigger receive buffer.
import LabSupport

@main
struct DatagramServer {
    static func main() {
        let port = portArgument(usage: "datagram-server PORT")
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        let server = socket(AF_INET, SOCK_DGRAM, 0)
        if server == -1 { fail("socket") }
        var on: Int32 = 1
        setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        var room: Int32 = 1 << 20
        setsockopt(server, SOL_SOCKET, SO_RCVBUF, &room, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let size = length
        let result = withUnsafePointer(to: address) {
            bind(server, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), size)
        }
        if result == -1 { fail("bind") }
        _ = withUnsafeMutablePointer(to: &address) {
            getsockname(server, UnsafeMutableRawPointer($0).assumingMemoryBound(to: sockaddr.self), &length)
        }
        announce("bound to 127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
        for _ in 1...2 { inBackground { serve(server) } }

        var number: Int32 = 0
        while sigwait(&signals, &number) != 0 {}
        exit(0)
    }
}

/// Two threads take turns at one socket: replies may overtake each other.
func serve(_ server: Int32) {
    var buffer = [UInt8](repeating: 0, count: 65_507)
    var sender = sockaddr_storage()
    while true {
        var waiting = pollfd(fd: server, events: Int16(POLLIN), revents: 0)
        if poll(&waiting, 1, -1) == -1 { continue }
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &sender) {
            let generic = UnsafeMutableRawPointer($0).assumingMemoryBound(to: sockaddr.self)
            return recvfrom(server, &buffer, buffer.count, Int32(MSG_DONTWAIT), generic, &length)
        }
        if count == -1 { continue }
        withUnsafePointer(to: sender) {
            let generic = UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self)
            while sendto(server, buffer, count, 0, generic, length) == -1 && errno == EINTR {}
        }
    }
}
