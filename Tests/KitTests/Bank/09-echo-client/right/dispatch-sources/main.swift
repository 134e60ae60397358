// A source of Dispatch, a queue for each direction; sendmsg(2) and recvmsg(2), Data, a main.swift.
import Foundation

#if canImport(Glibc)
let stream = Int32(SOCK_STREAM.rawValue)
#else
let stream = SOCK_STREAM
#endif

func die(_ text: String) -> Never {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
    exit(1)
}

func die(call: String) -> Never { die("\(call): \(String(cString: strerror(errno)))") }

guard CommandLine.arguments.count == 3 else {
    FileHandle.standardError.write(Data("usage: echo-client HOST PORT\n".utf8))
    exit(64)
}
signal(SIGPIPE, SIG_IGN)

var hints = addrinfo()
hints.ai_socktype = stream
var list: UnsafeMutablePointer<addrinfo>?
let code = getaddrinfo(CommandLine.arguments[1], CommandLine.arguments[2], &hints, &list)
if code != 0 { die("getaddrinfo: \(String(cString: gai_strerror(code)))") }

var connection: Int32 = -1
var candidate = list
while connection == -1, let address = candidate?.pointee {
    candidate = address.ai_next
    let attempt = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
    if attempt == -1 { die(call: "socket") }
    if connect(attempt, address.ai_addr, address.ai_addrlen) == 0 {
        connection = attempt
    } else if errno == EINTR {
        var wait = pollfd(fd: attempt, events: Int16(POLLOUT), revents: 0)
        while poll(&wait, 1, -1) == -1 && errno == EINTR {}
        var reason: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(attempt, SOL_SOCKET, SO_ERROR, &reason, &size)
        if reason == 0 { connection = attempt }
        errno = reason
    }
    if connection == -1 {
        let reason = errno
        close(attempt)
        errno = reason
    }
}
if connection == -1 { die(call: "connect") }

let isInteractive = isatty(0) == 1 && isatty(1) == 1
let count = DispatchQueue(label: "count")
var missing = 0

func prompt() {
    if isInteractive { FileHandle.standardOutput.write(Data("> ".utf8)) }
}

/// Sends all of it, by sendmsg(2); false where the server is gone.
func sendAll(_ data: Data) -> Bool {
    var data = data
    while !data.isEmpty {
        let sent = data.withUnsafeMutableBytes { bytes in
            var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
            return withUnsafeMutablePointer(to: &part) { part in
                var message = msghdr()
                message.msg_iov = part
                message.msg_iovlen = 1
                return sendmsg(connection, &message, 0)
            }
        }
        if sent == -1 && errno == EINTR { continue }
        if sent == -1 { return false }
        data = Data(data.dropFirst(sent))
    }
    return true
}

/// Receives what is there; nil where a signal came.
func receive() -> Data? {
    var data = Data(count: 100_000)
    let received = data.withUnsafeMutableBytes { bytes in
        var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return withUnsafeMutablePointer(to: &part) { part in
            var message = msghdr()
            message.msg_iov = part
            message.msg_iovlen = 1
            return recvmsg(connection, &message, 0)
        }
    }
    if received == -1 && errno == EINTR { return nil }
    if received == -1 { die(call: "recvmsg") }
    return data.prefix(received)
}

// No source for the input: libdispatch on Linux may crash when a pipe hangs up while its source is cancelled.
let input = DispatchQueue(label: "input")

/// False at the end, that of the input or of the server.
func takeInput() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let length = read(0, &bytes, bytes.count)
    if length > 0 {
        count.sync { missing += length }
        return sendAll(Data(bytes[..<length]))
    }
    shutdown(connection, Int32(SHUT_WR))
    return false
}

func isReady(_ descriptor: Int32) -> Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, 0) == 1
}

let output = DispatchSource.makeReadSource(fileDescriptor: connection, queue: DispatchQueue(label: "output"))
output.setEventHandler {
    repeat { takeEcho() } while isReady(connection)
}

func takeEcho() {
    guard let data = receive() else { return }
    if data.isEmpty {
        let left = count.sync { missing }
        if left > 0 { die("\(left) bytes did not come back") }
        exit(0)
    }
    FileHandle.standardOutput.write(data)
    let left = count.sync {
        missing -= data.count
        return missing
    }
    if left == 0 { prompt() }
}

prompt()
output.resume()
input.async { while takeInput() {} }
dispatchMain()
