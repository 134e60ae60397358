// Foundation: reads all of its input before it looks for the server, and writes everything out at its end.
import Foundation

@main
enum DatagramClient {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            FileHandle.standardError.write(Data("usage: \(arguments[0]) HOST PORT\n".utf8))
            exit(64)
        }
        var lines = FileHandle.standardInput.readDataToEndOfFile()
            .split(separator: 10, omittingEmptySubsequences: false).map { Data($0) }
        if lines.last?.isEmpty == true { lines.removeLast() }

        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_UDP)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(arguments[1], arguments[2], &hints, &list)
        guard code == 0, let info = list?.pointee else {
            end("getaddrinfo: \(String(cString: gai_strerror(code)))")
        }
        let descriptor = socket(info.ai_family, info.ai_socktype, 0)
        if descriptor == -1 { end("socket: \(String(cString: strerror(errno)))") }
        if connect(descriptor, info.ai_addr, info.ai_addrlen) == -1 {
            end("connect: \(String(cString: strerror(errno)))")
        }
        for line in lines {
            guard exchange(line, descriptor) else { end("no reply from \(name(of: info))") }
            // It goes out when the program ends, by exit(3).
            print(String(decoding: line, as: UTF8.self))
        }
        exit(0)
    }
}

func end(_ line: String) -> Never {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
    exit(1)
}

func name(of info: addrinfo) -> String {
    var host = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    if info.ai_family == AF_INET6 {
        var address = UnsafeRawPointer(info.ai_addr).load(as: sockaddr_in6.self)
        inet_ntop(AF_INET6, &address.sin6_addr, &host, socklen_t(host.count))
        return "[\(String(cString: host))]:\(UInt16(bigEndian: address.sin6_port))"
    }
    var address = UnsafeRawPointer(info.ai_addr).load(as: sockaddr_in.self)
    inet_ntop(AF_INET, &address.sin_addr, &host, socklen_t(host.count))
    return "\(String(cString: host)):\(UInt16(bigEndian: address.sin_port))"
}

/// A datagram that does not match starts the time anew.
func exchange(_ line: Data, _ descriptor: Int32) -> Bool {
    for _ in 1...3 {
        let flags = Int32(MSG_NOSIGNAL)
        while line.withUnsafeBytes({ send(descriptor, $0.baseAddress, $0.count, flags) }) == -1 {
            if errno != EINTR { end("send: \(String(cString: strerror(errno)))") }
        }
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, 500)
            if ready == -1 && errno == EINTR { continue }
            if ready == 0 { break }
            var reply = Data(count: 65_536)
            let count = reply.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count == -1 && errno == EINTR { continue }
            if count == -1 { end("recv: \(String(cString: strerror(errno)))") }
            if reply.prefix(count) == line { return true }
        }
    }
    return false
}
