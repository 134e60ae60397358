// A receiver in the background hands replies over, and the main thread waits for them on a condition with a time.
import Foundation
import LabSupport

@main
struct DatagramClient {
    static func main() {
        let (host, port) = hostAndPortArguments(usage: "datagram-client HOST PORT")
        var hints = addrinfo()
        hints.ai_socktype = LabSupport.SOCK_DGRAM
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, port, &hints, &list)
        guard code == 0, let first = list else {
            fail("getaddrinfo", because: String(cString: gai_strerror(code)))
        }
        let (server, socket) = open(first)
        inBackground { receive(socket) }
        while let line = nextInputLine() {
            if !ask(line, socket) { fail(because: "no reply from \(server)") }
            FileHandle.standardOutput.write(Data(line) + Data([10]))
        }
        exit(0)
    }
}

/// Tries each address until one can be connected.
func open(_ first: UnsafeMutablePointer<addrinfo>) -> (String, Int32) {
    var call = "socket"
    var entry: UnsafeMutablePointer<addrinfo>? = first
    while let info = entry?.pointee {
        entry = info.ai_next
        let descriptor = socket(info.ai_family, info.ai_socktype, info.ai_protocol)
        if descriptor == -1 { continue }
        if connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return (name(of: info), descriptor) }
        call = "connect"
    }
    fail(call)
}

func name(of info: addrinfo) -> String {
    var host = [CChar](repeating: 0, count: 64)
    var port = [CChar](repeating: 0, count: 64)
    getnameinfo(info.ai_addr, info.ai_addrlen, &host, 64, &port, 64, NI_NUMERICHOST | NI_NUMERICSERV)
    let name = String(cString: host)
    return name.contains(":") ? "[\(name)]:\(String(cString: port))" : "\(name):\(String(cString: port))"
}

let arrived = NSCondition()
nonisolated(unsafe) var replies: [[UInt8]] = []

func receive(_ socket: Int32) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = recv(socket, &buffer, buffer.count, 0)
        if count == -1 && errno == EINTR { continue }
        if count == -1 { fail("recv") }
        arrived.lock()
        replies.append(Array(buffer[..<count]))
        arrived.signal()
        arrived.unlock()
    }
}

func ask(_ line: [UInt8], _ socket: Int32) -> Bool {
    arrived.lock()
    defer { arrived.unlock() }
    replies = []
    for _ in 1...3 {
        while send(socket, line, line.count, 0) == -1 {
            if errno != EINTR { fail("send") }
        }
        let end = Date(timeIntervalSinceNow: 0.5)
        repeat {
            if replies.contains(line) { return true }
        } while arrived.wait(until: end)
    }
    return false
}
