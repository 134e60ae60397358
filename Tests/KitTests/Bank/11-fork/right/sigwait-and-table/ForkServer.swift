// A table of the children, and a thread that waits for signals: it reaps, says "closed", and ends the family.
import Foundation
import LabSupport

@main
struct Program {
    static func main() {
        let port = portArgument(usage: "fork-server PORT")
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGCHLD, SIGINT, SIGTERM] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)

        let children = Children()
        let taken = signals
        Thread.detachNewThread { children.attend(taken) }
        serve(at: port, children)
    }

    static func serve(at port: in_port_t, _ children: Children) -> Never {
        let listener = socket(AF_INET, SOCK_STREAM, 0)
        if listener == -1 { fail("socket") }
        var on: Int32 = 1
        if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        if with(&address, { bind(listener, $0, $1.pointee) }) == -1 { fail("bind") }
        if listen(listener, SOMAXCONN) == -1 { fail("listen") }
        if with(&address, { getsockname(listener, $0, $1) }) == -1 { fail("getsockname") }
        announce("listening on \(text(address))")
        while true {
            let connection = with(&address) { accept(listener, $0, $1) }
            if connection == -1 {
                perror("accept")
                continue
            }
            announce("accepted \(text(address))")
            children.start(text(address)) {
                close(listener)
                echo(connection)
                close(connection)
            }
            close(connection)
        }
    }

    static func echo(_ connection: Int32) {
        var bytes = [UInt8](repeating: 0, count: 1000)
        while true {
            let count = recv(connection, &bytes, bytes.count, 0)
            if count == -1 && errno == EINTR { continue }
            if count < 1 { return }
            var rest = bytes[..<count]
            while !rest.isEmpty {
                let taken = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, 0) }
                if taken == -1 && errno != EINTR { return }
                rest = rest.dropFirst(max(0, taken))
            }
        }
    }

    static func with(
        _ address: inout sockaddr_in,
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
    }

    static func text(_ address: sockaddr_in) -> String {
        "\(String(cString: inet_ntoa(address.sin_addr))):\(in_port_t(bigEndian: address.sin_port))"
    }
}

final class Children: @unchecked Sendable {
    private let lock = NSLock()
    private var clients: [pid_t: String] = [:]

    func start(_ client: String, _ work: () -> Void) {
        // A child that ends at once is waited for once it stands in the table.
        lock.lock()
        let child = fork()
        if child == 0 {
            work()
            _exit(0)
        }
        clients[child] = child == -1 ? nil : client
        lock.unlock()
        if child == -1 { announce("closed \(client)") }
    }

    func attend(_ signals: sigset_t) {
        var (signals, number) = (signals, Int32(0))
        while true {
            if sigwait(&signals, &number) != 0 { continue }
            lock.lock()
            if number != SIGCHLD {
                for child in clients.keys { kill(child, SIGKILL) }
                exit(0)
            }
            while true {
                let child = waitpid(-1, nil, WNOHANG)
                if child <= 0 { break }
                if let client = clients.removeValue(forKey: child) { announce("closed \(client)") }
            }
            lock.unlock()
        }
    }
}
