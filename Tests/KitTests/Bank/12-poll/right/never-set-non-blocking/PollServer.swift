// No socket is set to O_NONBLOCK: each call says by MSG_DONTWAIT that it will not wait, and one client is
// accepted for each time that poll(2) tells of one. Places of clients that are gone stay, with -1 in them.
import LabSupport

// Glibc's module leaves it out.
@_silgen_name("ppoll")
func ppoll(
    _ watched: UnsafeMutablePointer<pollfd>,
    _ count: nfds_t,
    _ time: UnsafePointer<timespec>?,
    _ mask: UnsafePointer<sigset_t>
) -> Int32

nonisolated(unsafe) var isOver = false

struct Server {
    var watched: [pollfd]
    var names: [String] = [""]
    var owed: [ArraySlice<UInt8>] = [[]]
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)

    init(_ listener: Int32) {
        watched = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    }

    mutating func round(_ mask: inout sigset_t) {
        // Signals come in ppoll(2) alone: between two of them they wait.
        if ppoll(&watched, nfds_t(watched.count), nil, &mask) == -1 { return }
        for place in watched.indices.dropFirst() where watched[place].revents != 0 {
            if !serve(place) { remove(place) }
        }
        if watched[0].revents != 0 { acceptOne() }
    }

    mutating func acceptOne() {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connection = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(watched[0].fd, $0, &length) }
        }
        if connection == -1 { return }
        let name = String(cString: inet_ntoa(address.sin_addr)) + ":\(address.sin_port.bigEndian)"
        announce("accepted \(name)")
        let new = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        if let free = watched.firstIndex(where: { $0.fd == -1 }) {
            (watched[free], names[free], owed[free]) = (new, name, [])
        } else {
            watched.append(new)
            names.append(name)
            owed.append([])
        }
    }

    mutating func serve(_ place: Int) -> Bool {
        let socket = watched[place].fd
        var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        if owed[place].isEmpty {
            let count = withUnsafeMutablePointer(to: &vector) { vector in
                var message = msghdr()
                (message.msg_iov, message.msg_iovlen) = (vector, 1)
                return recvmsg(socket, &message, Int32(MSG_DONTWAIT))
            }
            if count == -1 { return errno == EAGAIN || errno == EINTR }
            if count == 0 { return false }
            owed[place] = ArraySlice(buffer[..<count])
        }
        let count = owed[place].withUnsafeBytes { bytes in
            vector = iovec(iov_base: .init(mutating: bytes.baseAddress), iov_len: bytes.count)
            return withUnsafeMutablePointer(to: &vector) { vector in
                var message = msghdr()
                (message.msg_iov, message.msg_iovlen) = (vector, 1)
                return sendmsg(socket, &message, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
        }
        if count == -1 && errno != EAGAIN && errno != EINTR { return false }
        owed[place] = owed[place].dropFirst(max(0, count))
        watched[place].events = Int16(owed[place].isEmpty ? POLLIN : POLLOUT)
        return true
    }

    mutating func remove(_ place: Int) {
        close(watched[place].fd)
        watched[place].fd = -1
        announce("closed \(names[place])")
    }
}

@main
struct PollServer {
    static func main() {
        let port = portArgument(usage: "poll-server PORT")
        var signals = sigset_t()
        var none = sigset_t()
        sigemptyset(&none)
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] {
            sigaddset(&signals, number)
            signal(number) { _ in isOver = true }
        }
        sigprocmask(SIG_BLOCK, &signals, nil)

        var server = Server(listening(at: port))
        while !isOver { server.round(&none) }
    }

    static func listening(at port: in_port_t) -> Int32 {
        let listener = socket(AF_INET, SOCK_STREAM, 0)
        if listener == -1 { fail("socket") }
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                if bind(listener, $0, length) == -1 { fail("bind") }
                if listen(listener, 16) == -1 { fail("listen") }
                if getsockname(listener, $0, &length) == -1 { fail("getsockname") }
            }
        }
        announce("listening on 127.0.0.1:\(address.sin_port.bigEndian)")
        return listener
    }
}
