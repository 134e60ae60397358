// The array for poll(2) is made anew in each round, and a client is read from while it is owed something. Where no
// descriptor is left, the queue is left alone until a client has gone.
import Foundation

final class Client {
    let name: String
    var owed = Data()
    var hasEnded = false

    init(name: String) { self.name = name }

    var wants: Int16 {
        var events: Int32 = 0
        if !hasEnded && owed.count < 1 << 20 { events |= POLLIN }
        if !owed.isEmpty { events |= POLLOUT }
        return Int16(events)
    }
}

@main
final class PollServer {
    var clients: [Int32: Client] = [:]
    var listener: Int32 = -1
    var isStopping = false
    var isFull = false
    nonisolated(unsafe) static var bell: [Int32] = [-1, -1]

    static func main() throws {
        guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
            FileHandle.standardError.write(Data("usage: poll-server PORT\n".utf8))
            exit(64)
        }
        setvbuf(stdout, nil, _IOLBF, 0)
        let server = PollServer()
        server.open(port)
        while !server.isStopping { server.round() }
    }

    static func check(_ result: Int32, _ call: String) {
        if result != -1 { return }
        perror(call)
        exit(1)
    }

    func open(_ port: UInt16) {
        Self.check(pipe(&Self.bell), "pipe")
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in write(PollServer.bell[1], "!", 1) }
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
        signal(SIGPIPE, SIG_IGN)

        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        Self.check(listener, "socket")
        var on: Int32 = 1
        Self.check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4), "setsockopt")
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        Self.check(with(&address) { bind(listener, $0, $1.pointee) }, "bind")
        Self.check(listen(listener, 128), "listen")
        Self.check(fcntl(listener, F_SETFL, O_NONBLOCK), "fcntl")
        Self.check(with(&address) { getsockname(listener, $0, $1) }, "getsockname")
        print("listening on \(text(address))")
    }

    func round() {
        let queue = isFull ? -1 : listener
        var watched = [Self.bell[0], queue].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        watched += clients.map { pollfd(fd: $0.key, events: $0.value.wants, revents: 0) }
        if poll(&watched, nfds_t(watched.count), -1) == -1 { return }
        if watched[0].revents != 0 { isStopping = true }
        if watched[1].revents != 0 { acceptOne() }
        for one in watched.dropFirst(2) where one.revents != 0 {
            guard let client = clients[one.fd], !move(one, client) else { continue }
            clients[one.fd] = nil
            shutdown(one.fd, Int32(SHUT_RDWR))
            close(one.fd)
            isFull = false
            print("closed \(client.name)")
        }
    }

    func acceptOne() {
        var peer = sockaddr_in()
        let connection = with(&peer) { accept(listener, $0, $1) }
        if connection == -1 {
            isFull = errno == EMFILE && !clients.isEmpty
            return perror("accept")
        }
        _ = fcntl(connection, F_SETFL, O_NONBLOCK)
        clients[connection] = Client(name: text(peer))
        print("accepted \(text(peer))")
    }

    /// False: the client is done with.
    func move(_ one: pollfd, _ client: Client) -> Bool {
        if one.revents & Int16(POLLERR) != 0 { return false }
        if client.wants & Int16(POLLIN) != 0 {
            var buffer = Data(count: 70_000)
            let count = buffer.withUnsafeMutableBytes { read(one.fd, $0.baseAddress, $0.count) }
            if count == -1 && errno != EAGAIN && errno != EINTR { return false }
            if count == 0 { client.hasEnded = true }
            client.owed.append(buffer.prefix(max(0, count)))
        }
        if !client.owed.isEmpty {
            let count = client.owed.withUnsafeBytes { write(one.fd, $0.baseAddress, $0.count) }
            if count == -1 && errno != EAGAIN && errno != EINTR { return false }
            client.owed = Data(client.owed.dropFirst(max(0, count)))
        }
        return !client.hasEnded || !client.owed.isEmpty
    }
}

func with(
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
