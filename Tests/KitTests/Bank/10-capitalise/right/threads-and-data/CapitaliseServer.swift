// A thread serves, with Data and a mebibyte of room: all lines of a piece go back at once. The main thread waits
// for a signal.
import Foundation

@main
struct Program {
    static func main() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        sigdelset(&signals, SIGPIPE)

        let server = Server(arguments: CommandLine.arguments)
        Thread.detachNewThread { server.serve() }
        var number: Int32 = 0
        sigwait(&signals, &number)
        FileHandle.standardError.write(Data("signal \(number): good night\n".utf8))
        exit(0)
    }
}

final class Server: @unchecked Sendable {
    private let listener: Int32

    init(arguments: [String]) {
        guard arguments.count == 2, let port = UInt16(arguments[1]) else { Self.wrongUsage() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian

        #if canImport(Glibc)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        Self.check(listener, "socket")
        var on: Int32 = 1
        Self.check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4), "setsockopt")
        Self.check(Self.named(&address) { bind(self.listener, $0, $1.pointee) }, "bind")
        Self.check(listen(listener, 128), "listen")
        Self.check(Self.named(&address) { getsockname(self.listener, $0, $1) }, "getsockname")
        Self.say("listening on", address)
    }

    func serve() -> Never {
        while true {
            var peer = sockaddr_in()
            let client = Self.named(&peer) { accept(listener, $0, $1) }
            if client < 0 {
                perror("accept")
                continue
            }
            Self.say("accepted", peer)
            converse(client)
            close(client)
            Self.say("closed", peer)
        }
    }

    private func converse(_ client: Int32) {
        var pending = Data()
        while let data = receive(client) {
            pending += data
            guard let end = pending.lastIndex(of: 10).map({ $0 + 1 }) else {
                if pending.count > 65_536 { return refuse(client) }
                continue
            }
            let (lines, rest) = (pending[..<end], pending[end...])
            // Whole lines before one that is too long are answered; what comes after it is not looked at.
            var answered = lines.startIndex
            while answered < end, let newline = lines[answered...].firstIndex(of: 10),
                newline + 1 - answered <= 65_536
            {
                answered = newline + 1
            }
            if !send(capitals(lines[..<answered]), to: client) { return }
            if answered < end || rest.count > 65_536 { return refuse(client) }
            pending = Data(rest)
        }
        _ = send(capitals(pending), to: client)
    }

    /// Ends the stream, and takes what still comes, until the client ends too: no RST overtakes the answers.
    private func refuse(_ client: Int32) {
        shutdown(client, Int32(SHUT_WR))
        while receive(client) != nil {}
    }

    private func capitals(_ data: Data) -> Data {
        Data(data.map { $0 >= 0x61 && $0 <= 0x7A ? $0 - 32 : $0 })
    }

    private func receive(_ client: Int32) -> Data? {
        var data = Data(count: 1 << 20)
        while true {
            let count = data.withUnsafeMutableBytes { recv(client, $0.baseAddress, $0.count, 0) }
            if count < 0 && errno == EINTR { continue }
            return count > 0 ? data.prefix(count) : nil
        }
    }

    private func send(_ data: Data, to client: Int32) -> Bool {
        var rest = data
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(client, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { return false }
            rest = rest.dropFirst(max(0, count))
        }
        return true
    }

    private static func named(
        _ address: inout sockaddr_in,
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
    }

    private static func say(_ word: String, _ address: sockaddr_in) {
        var address = address
        var host = [CChar](repeating: 0, count: 16)
        inet_ntop(AF_INET, &address.sin_addr, &host, 16)
        let line = "\(word) \(String(cString: host)):\(address.sin_port.bigEndian)\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }

    private static func check(_ result: Int32, _ call: String) {
        if result >= 0 { return }
        perror(call)
        exit(1)
    }

    private static func wrongUsage() -> Never {
        FileHandle.standardError.write(Data("usage: capitalise-server PORT\n".utf8))
        exit(64)
    }
}
