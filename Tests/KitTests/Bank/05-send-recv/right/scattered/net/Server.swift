import Glibc

func stop(_ call: String) -> Never {
    perror(call)
    exit(1)
}

final class Server {
    let listener: Int32

    init(arguments: [String]) {
        guard arguments.count == 2, let port = UInt16(arguments[1], radix: 10), arguments[1].first != "+"
        else {
            fputs("usage: send-recv PORT\n", stderr)
            exit(64)
        }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = SIG_IGN
        sigaction(SIGPIPE, &action, nil)

        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if listener == -1 { stop("socket") }
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { stop("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = 2
        address.sin_port = htons(port)
        address.sin_addr = in_addr(s_addr: htonl(INADDR_LOOPBACK))
        var length: socklen_t = 16
        let descriptor = listener
        withUnsafeMutableBytes(of: &address) { bytes in
            let generic = bytes.bindMemory(to: sockaddr.self).baseAddress!
            if bind(descriptor, generic, length) == -1 { stop("bind") }
            if listen(descriptor, 100) == -1 { stop("listen") }
            if getsockname(descriptor, generic, &length) == -1 { stop("getsockname") }
        }
        puts("listening on 127.0.0.1:\(ntohs(address.sin_port))")
        fflush(nil)
    }

    func accept() -> Int32 {
        var peer = sockaddr_in()
        while true {
            var length: socklen_t = 16
            let connection = withUnsafeMutableBytes(of: &peer) {
                Glibc.accept(listener, $0.bindMemory(to: sockaddr.self).baseAddress!, &length)
            }
            if connection == -1 && errno == EINTR { continue }
            if connection == -1 { stop("accept") }
            puts("accepted \(String(cString: inet_ntoa(peer.sin_addr))):\(ntohs(peer.sin_port))")
            fflush(nil)
            return connection
        }
    }
}
