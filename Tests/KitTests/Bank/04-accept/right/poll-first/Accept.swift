// A non-blocking listener: poll(2) waits, accept(2) takes; getnameinfo(3) writes the address.
import LabSupport

@main
struct Accept {
    static func main() {
        let port = portArgument(usage: "accept PORT")
        let listener = socket(AF_INET, SOCK_STREAM | O_NONBLOCK, 0)
        if listener == -1 { fail("socket") }
        var on: CInt = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        var storage = sockaddr_storage()
        fill(&storage, port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        if bind(listener, generic(&storage), length) == -1 { fail("bind") }
        if listen(listener, 3) == -1 { fail("listen") }
        if getsockname(listener, generic(&storage), &length) == -1 { fail("getsockname") }
        announce("listening on \(name(&storage, length))")

        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        var connection: Int32
        repeat {
            if poll(&waiting, 1, -1) == -1 && errno != EINTR { fail("poll") }
            length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            connection = accept(listener, generic(&storage), &length)
        } while connection == -1 && [EINTR, EAGAIN, ECONNABORTED].contains(errno)
        if connection == -1 { fail("accept") }
        announce("accepted \(name(&storage, length))")
        waitForEndOfInput()
        withExtendedLifetime((connection, listener)) {}
    }

    static func generic(_ storage: UnsafeMutablePointer<sockaddr_storage>) -> UnsafeMutablePointer<sockaddr> {
        UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr.self)
    }

    static func fill(_ storage: UnsafeMutablePointer<sockaddr_storage>, _ port: in_port_t) {
        let address = UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr_in.self)
        address.pointee.sin_family = sa_family_t(AF_INET)
        address.pointee.sin_port = port.bigEndian
        address.pointee.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    }

    static func name(_ storage: UnsafeMutablePointer<sockaddr_storage>, _ length: socklen_t) -> String {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let numeric = NI_NUMERICHOST | NI_NUMERICSERV
        getnameinfo(
            generic(storage),
            length,
            &host,
            socklen_t(NI_MAXHOST),
            &port,
            socklen_t(NI_MAXSERV),
            numeric
        )
        return "\(String(cString: host)):\(String(cString: port))"
    }
}
