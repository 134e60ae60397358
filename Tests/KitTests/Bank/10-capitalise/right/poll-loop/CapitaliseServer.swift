// One client at a time, in a loop around poll(2): sockets do not block, and a signal comes as a byte in a pipe.
import LabSupport

nonisolated(unsafe) var wakeUp: [Int32] = [-1, -1]

@main
struct Loop {
    let listener: Int32
    var client: (descriptor: Int32, name: String)?
    /// What is to be sent.
    var pending: ArraySlice<UInt8> = []
    /// What has come of a line, in capitals already.
    var line: [UInt8] = []
    var isOver = false

    static func main() {
        let port = portArgument(usage: "capitalise-server PORT")
        if pipe(&wakeUp) == -1 { fail("pipe") }
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            #if canImport(Darwin)
            action.__sigaction_u.__sa_handler = { _ in write(wakeUp[1], "!", 1) }
            #else
            action.__sigaction_handler.sa_handler = { _ in write(wakeUp[1], "!", 1) }
            #endif
            if sigaction(number, &action, nil) == -1 { fail("sigaction") }
        }
        signal(SIGPIPE, SIG_IGN)
        var loop = Loop(listener: listeningSocket(port))
        while loop.turn() {}
        close(loop.listener)
    }

    static func listeningSocket(_ port: in_port_t) -> Int32 {
        let listener = socket(AF_INET, SOCK_STREAM, 0)
        if listener == -1 { fail("socket") }
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        if withPointer(&address, { bind(listener, $0, $1.pointee) }) == -1 { fail("bind") }
        if listen(listener, SOMAXCONN) == -1 { fail("listen") }
        if fcntl(listener, F_SETFL, O_NONBLOCK) == -1 { fail("fcntl") }
        if withPointer(&address, { getsockname(listener, $0, $1) }) == -1 { fail("getsockname") }
        announce("listening on \(text(address))")
        return listener
    }

    /// Waits for something to happen, and does what there is to do. False: a signal has come.
    mutating func turn() -> Bool {
        let events = client == nil || pending.isEmpty ? POLLIN : POLLOUT
        var watched = [
            pollfd(fd: wakeUp[0], events: Int16(POLLIN), revents: 0),
            pollfd(fd: client?.descriptor ?? listener, events: Int16(events), revents: 0),
        ]
        if poll(&watched, 2, -1) == -1 { return errno == EINTR }
        if watched[0].revents != 0 { return false }
        guard watched[1].revents != 0 else { return true }
        guard let client else {
            acceptClient()
            return true
        }
        if !moveBytes(client.descriptor) {
            shutdown(client.descriptor, Int32(SHUT_WR))
            close(client.descriptor)
            announce("closed \(client.name)")
            (self.client, pending, line, isOver) = (nil, [], [], false)
        }
        return true
    }

    mutating func acceptClient() {
        var peer = sockaddr_in()
        let descriptor = withPointer(&peer) { accept(listener, $0, $1) }
        if descriptor == -1 { return }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        client = (descriptor, text(peer))
        announce("accepted \(text(peer))")
    }

    /// False: the client has ended, or is gone.
    mutating func moveBytes(_ descriptor: Int32) -> Bool {
        if !pending.isEmpty {
            let count = pending.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
            pending = pending.dropFirst(max(0, count))
            return count == -1 ? errno == EAGAIN || errno == EINTR : !(isOver && pending.isEmpty)
        }
        var buffer = [UInt8](repeating: 0, count: 1000)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == -1 { return errno == EAGAIN || errno == EINTR }
        if count == 0 { (pending, line, isOver) = (line[...], [], true) }
        for byte in buffer[..<count] where !isOver {
            line.append(byte >= 0x61 && byte <= 0x7A ? byte ^ 0x20 : byte)
            // As soon as it is known: a newline would be one byte too many.
            isOver = byte != 10 && line.count == 65_536
            if byte != 10 { continue }
            pending += line
            line = []
        }
        return !(isOver && pending.isEmpty)
    }
}

func withPointer(
    _ address: inout sockaddr_in,
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
) -> Int32 {
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
    }
}

func text(_ address: sockaddr_in) -> String {
    "\(String(cString: inet_ntoa(address.sin_addr))):\(address.sin_port.byteSwapped)"
}
