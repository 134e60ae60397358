// Only Glibc, all of it in main, with C's own ways: no hints, so what is no stream is left out by hand.
import Glibc

@main
struct Program {
    static func main() {
        if CommandLine.argc != 3 {
            fputs("usage: connect HOST PORT\n", stderr)
            exit(64)
        }
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(CommandLine.arguments[1], CommandLine.arguments[2], nil, &list)
        if code != 0 {
            fputs("getaddrinfo: \(String(cString: gai_strerror(code)))\n", stderr)
            exit(EXIT_FAILURE)
        }
        var connection: Int32 = -1
        var entry = list
        var call = "connect"
        while let it = entry {
            entry = it.pointee.ai_next
            if it.pointee.ai_socktype != Int32(SOCK_STREAM.rawValue) { continue }
            connection = socket(it.pointee.ai_family, it.pointee.ai_socktype, 0)
            call = "socket"
            if connection < 0 { continue }
            call = "connect"
            if connect(connection, it.pointee.ai_addr, it.pointee.ai_addrlen) == 0 { break }
            if errno == EINTR {
                var done = pollfd(fd: connection, events: Int16(POLLOUT), revents: 0)
                while poll(&done, 1, -1) < 0 && errno == EINTR {}
                var size = socklen_t(4)
                getsockopt(connection, SOL_SOCKET, SO_ERROR, &errno, &size)
                if errno == 0 { break }
            }
            let why = errno
            close(connection)
            errno = why
            connection = -1
        }
        if connection < 0 {
            perror(call)
            exit(EXIT_FAILURE)
        }
        var peer = sockaddr_storage()
        var size = socklen_t(MemoryLayout.size(ofValue: peer))
        var host = [CChar](repeating: 0, count: 100)
        var port = [CChar](repeating: 0, count: 100)
        withUnsafeMutableBytes(of: &peer) { bytes in
            let generic = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
            getpeername(connection, generic, &size)
            getnameinfo(generic, size, &host, 100, &port, 100, NI_NUMERICHOST | NI_NUMERICSERV)
        }
        let name = String(cString: host)
        setvbuf(stdout, nil, _IONBF, 0)
        print("connected to \(name.contains(":") ? "[\(name)]" : name):\(String(cString: port))")
        while getchar() != EOF {}
    }
}
