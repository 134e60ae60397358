// epoll(7) for the listener, the one client, and signals, which signalfd(2) takes; nothing blocks.
import Glibc

@_silgen_name("epoll_create1")
func epollCreate(_ flags: Int32) -> Int32
@_silgen_name("epoll_ctl")
func epollControl(_ epoll: Int32, _ verb: Int32, _ descriptor: Int32, _ event: UnsafeMutableRawPointer?)
    -> Int32
@_silgen_name("epoll_wait")
func epollWait(_ epoll: Int32, _ events: UnsafeMutableRawPointer, _ count: Int32, _ time: Int32) -> Int32
@_silgen_name("signalfd")
func signalDescriptor(_ descriptor: Int32, _ mask: UnsafePointer<sigset_t>, _ flags: Int32) -> Int32

/// A client, and what it is still owed.
struct Client {
    let name: String
    var owed: [UInt8] = []
    var hasEnded = false
    var isBroken = false
}

@main
struct Close {
    static func main() {
        guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
            fputs("usage: \(CommandLine.arguments[0]) PORT\n", stderr)
            exit(64)
        }
        var loop = Loop(listener: Listener.descriptor(port: port))
        while true { loop.turn() }
    }

    static func die(_ call: String) -> Never {
        perror(call)
        exit(1)
    }
}

struct Loop {
    let listener: Int32
    private let epoll = epollCreate(0)
    private let signals: Int32
    private var clients: [Int32: Client] = [:]
    private let event = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 8)
    #if arch(x86_64)
    private static let offset = 4
    #else
    private static let offset = 8
    #endif

    init(listener: Int32) {
        self.listener = listener
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGPIPE)
        sigaddset(&mask, SIGTERM)
        sigprocmask(SIG_BLOCK, &mask, nil)
        signals = signalDescriptor(-1, &mask, 0)
        watch(listener, 1)
        watch(signals, 1)
    }

    private func watch(_ descriptor: Int32, _ events: UInt32, verb: Int32 = 1) {
        event.storeBytes(of: events, as: UInt32.self)
        event.storeBytes(of: descriptor, toByteOffset: Self.offset, as: Int32.self)
        if epollControl(epoll, verb, descriptor, event) == -1 { Close.die("epoll_ctl") }
    }

    mutating func turn() {
        if epollWait(epoll, event, 1, -1) == -1 {
            if errno == EINTR { return }
            Close.die("epoll_wait")
        }
        let descriptor = event.load(fromByteOffset: Self.offset, as: Int32.self)
        switch descriptor {
        case listener: acceptClient()
        case signals: takeSignal()
        default: serve(descriptor)
        }
    }

    private func takeSignal() {
        var info = [UInt32](repeating: 0, count: 32)
        if read(signals, &info, 128) == 128, info[0] == UInt32(SIGTERM) { exit(0) }
    }

    private mutating func acceptClient() {
        var peer = sockaddr_in()
        var length: socklen_t = 16
        let connection = withUnsafeMutablePointer(to: &peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(listener, $0, &length) }
        }
        if connection == -1 {
            if errno == EINTR || errno == EAGAIN { return }
            Close.die("accept")
        }
        _ = fcntl(connection, F_SETFL, O_NONBLOCK)
        let name = "\(String(cString: inet_ntoa(peer.sin_addr))):\(ntohs(peer.sin_port))"
        clients[connection] = Client(name: name)
        watch(connection, 1)
        // The next client waits in the queue until this one has gone.
        watch(listener, 0, verb: 3)
        print("accepted \(name)")
        fflush(stdout)
    }

    private mutating func serve(_ descriptor: Int32) {
        guard var client = clients[descriptor] else { return }
        if client.owed.isEmpty && !client.hasEnded { receive(descriptor, &client) }
        if !client.owed.isEmpty { send(descriptor, &client) }
        clients[descriptor] = client
        if client.isBroken || client.hasEnded && client.owed.isEmpty {
            clients[descriptor] = nil
            close(descriptor)
            watch(listener, 1, verb: 3)
            print("closed \(client.name)")
            fflush(stdout)
        } else {
            watch(descriptor, client.owed.isEmpty ? 1 : 4, verb: 3)
        }
    }

    private func receive(_ descriptor: Int32, _ client: inout Client) {
        var bytes = [UInt8](repeating: 0, count: 2000)
        let count = read(descriptor, &bytes, bytes.count)
        if count == 0 { client.hasEnded = true }
        if count > 0 { client.owed = Array(bytes[..<count]) }
        if count == -1 && errno != EAGAIN && errno != EINTR { client.isBroken = true }
    }

    private func send(_ descriptor: Int32, _ client: inout Client) {
        let count = write(descriptor, client.owed, client.owed.count)
        if count > 0 { client.owed.removeFirst(count) }
        if count == -1 && errno != EAGAIN && errno != EINTR { client.isBroken = true }
    }
}
