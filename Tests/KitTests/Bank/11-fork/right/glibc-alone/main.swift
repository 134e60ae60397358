// Nothing but Glibc. The kernel is told that nobody waits for children, and the family is a process group.
import Glibc

func die(_ call: String) -> Never {
    perror(call)
    exit(1)
}

func say(_ word: String, _ address: sockaddr_in) {
    let line =
        "\(word) \(String(cString: inet_ntoa(address.sin_addr))):\(UInt16(bigEndian: address.sin_port))\n"
    _ = line.withCString { write(1, $0, strlen($0)) }
}

func with<T>(_ address: inout sockaddr_in, _ call: (UnsafeMutablePointer<sockaddr>) -> T) -> T {
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0) }
    }
}

let words = CommandLine.arguments
guard words.count == 2, !words[1].isEmpty, words[1].utf8.allSatisfy({ 48...57 ~= $0 }),
    let port = UInt16(words[1])
else {
    fputs("usage: fork-server PORT\n", stderr)
    exit(64)
}

setpgid(0, 0)
signal(SIGCHLD, SIG_IGN)
signal(SIGPIPE, SIG_IGN)
for number in [SIGINT, SIGTERM] {
    signal(number) { _ in
        signal(SIGTERM, SIG_IGN)
        kill(0, SIGTERM)
        _exit(0)
    }
}

let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
if listener == -1 { die("socket") }
var (on, length): (Int32, socklen_t) = (1, 16)
if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { die("setsockopt") }
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = inet_addr("127.0.0.1")
if with(&address, { bind(listener, $0, 16) }) == -1 { die("bind") }
if listen(listener, 64) == -1 { die("listen") }
if with(&address, { getsockname(listener, $0, &length) }) == -1 { die("getsockname") }
say("listening on", address)

while true {
    length = 16
    let connection = with(&address) { accept(listener, $0, &length) }
    if connection == -1 { continue }
    say("accepted", address)
    switch fork() {
    case 0: serve()
    case -1:
        close(connection)
        say("closed", address)
    default: close(connection)
    }

    func serve() -> Never {
        signal(SIGTERM, SIG_DFL)
        close(listener)
        let room = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 16)
        while true {
            let count = read(connection, room, 1 << 20)
            if count == -1 && errno == EINTR { continue }
            var sent = 0
            while sent < count {
                let taken = write(connection, room + sent, count - sent)
                if taken == -1 && errno != EINTR { break }
                sent += max(0, taken)
            }
            if count < 1 || sent < count { break }
        }
        close(connection)
        say("closed", address)
        _exit(0)
    }
}
