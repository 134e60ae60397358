// After a signal connect(2) is called again, which this system answers with how the first call went; input
// comes by a DispatchSource.
import Dispatch
import Glibc

func name(of entry: addrinfo) -> String {
    var (host, port) = ([CChar](repeating: 0, count: 1025), [CChar](repeating: 0, count: 32))
    getnameinfo(entry.ai_addr, entry.ai_addrlen, &host, 1025, &port, 32, NI_NUMERICHOST | NI_NUMERICSERV)
    let isV6 = entry.ai_addrlen == MemoryLayout<sockaddr_in6>.size
    return (isV6 ? "[" : "") + String(cString: host) + (isV6 ? "]:" : ":") + String(cString: port)
}

func say(_ text: String, to descriptor: Int32) {
    _ = text.withCString { write(descriptor, $0, strlen($0)) }
}

func connectAgain(_ s: Int32, _ entry: addrinfo) -> Bool {
    while connect(s, entry.ai_addr, entry.ai_addrlen) != 0 {
        if errno == EISCONN { return true }
        if errno != EINTR && errno != EALREADY { return false }
    }
    return true
}

@main
struct Connect {
    static func main() {
        guard CommandLine.arguments.count == 3 else {
            say("usage: \(CommandLine.arguments[0]) HOST PORT\n", to: 2)
            exit(64)
        }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_CANONNAME
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(CommandLine.arguments[1], CommandLine.arguments[2], &hints, &list)
        guard result == 0 else {
            say("getaddrinfo: \(String(cString: gai_strerror(result)))\n", to: 2)
            exit(1)
        }
        while let entry = list?.pointee {
            let s = socket(entry.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 6)
            if s >= 0 && connectAgain(s, entry) {
                say("connected to \(name(of: entry))\n", to: 1)
                waitForInput()
            }
            let reason = String(cString: strerror(errno))
            say("\(name(of: entry)) did not answer\n", to: 2)
            if s >= 0 { close(s) }
            if entry.ai_next == nil {
                say("\(s >= 0 ? "connect" : "socket"): \(reason)\n", to: 2)
                exit(1)
            }
            list = entry.ai_next
        }
    }
}

func waitForInput() -> Never {
    let source = DispatchSource.makeReadSource(fileDescriptor: 0, queue: .global())
    source.setEventHandler {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        if read(0, &bytes, bytes.count) == 0 { exit(0) }
    }
    source.resume()
    dispatchMain()
}
