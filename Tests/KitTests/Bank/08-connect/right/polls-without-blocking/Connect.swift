// Every attempt without blocking, and poll(2) until it is done; Foundation reads the input.
import Foundation
import LabSupport

struct Failure: Error {
    let call: String
    let code: Int32
}

@main
struct Connect {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            FileHandle.standardError.write(Data("usage: connect HOST PORT\n".utf8))
            exit(64)
        }
        do {
            let (connection, name) = try connected(arguments[1], arguments[2])
            FileHandle.standardError.write(Data("descriptor \(connection)\n".utf8))
            FileHandle.standardOutput.write(Data("connected to \(name)\n".utf8))
            while !FileHandle.standardInput.availableData.isEmpty {}
        } catch let failure as Failure {
            FileHandle.standardError.write(
                Data("\(failure.call): \(String(cString: strerror(failure.code)))\n".utf8)
            )
            exit(1)
        } catch {
            exit(1)
        }
    }

    static func connected(_ host: String, _ port: String) throws -> (Int32, String) {
        var hints = addrinfo()
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, port, &hints, &list)
        if code != 0 {
            FileHandle.standardError.write(Data("getaddrinfo: \(String(cString: gai_strerror(code)))\n".utf8))
            exit(1)
        }
        defer { freeaddrinfo(list) }
        var failure = Failure(call: "getaddrinfo", code: ENOENT)
        for entry in sequence(first: list!, next: { $0.pointee.ai_next }) {
            do {
                return (try attempt(entry.pointee), numeric(entry.pointee))
            } catch let error as Failure {
                failure = error
            }
        }
        throw failure
    }

    static func attempt(_ entry: addrinfo) throws -> Int32 {
        let s = socket(entry.ai_family, LabSupport.SOCK_STREAM | O_NONBLOCK, Int32(IPPROTO_TCP))
        if s == -1 { throw Failure(call: "socket", code: errno) }
        if connect(s, entry.ai_addr, entry.ai_addrlen) == 0 { return s }
        var code = errno
        if code == EINPROGRESS || code == EINTR {
            var waiting = [pollfd(fd: s, events: Int16(POLLOUT), revents: 0)]
            while poll(&waiting, 1, 1000) < 1 {}
            var length = socklen_t(MemoryLayout<Int32>.size)
            code = 0
            getsockopt(s, SOL_SOCKET, SO_ERROR, &code, &length)
            if code == 0 { return s }
        }
        close(s)
        throw Failure(call: "connect", code: code)
    }

    static func numeric(_ entry: addrinfo) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if entry.ai_family == AF_INET {
            return entry.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                inet_ntop(AF_INET, &address.pointee.sin_addr, &text, socklen_t(text.count))
                return String(cString: text) + ":" + String(UInt16(bigEndian: address.pointee.sin_port))
            }
        }
        return entry.ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
            inet_ntop(AF_INET6, &address.pointee.sin6_addr, &text, socklen_t(text.count))
            return "[" + String(cString: text) + "]:" + String(UInt16(bigEndian: address.pointee.sin6_port))
        }
    }
}
