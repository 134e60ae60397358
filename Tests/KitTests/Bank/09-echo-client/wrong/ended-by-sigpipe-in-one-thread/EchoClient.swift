// caught by testStep2SurvivesAServerThatIsGone
// cause SIGPIPE
// One thread around poll(2), which looks at its input first; SIGPIPE is left as it is.
import LabSupport

@main
struct EchoClient {
    static func main() {
        let (host, port) = hostAndPortArguments(usage: "echo-client HOST PORT")
        let connection = connected(to: host, port)
        var buffer = [UInt8](repeating: 0, count: 4096)
        var (sent, received) = (0, 0)
        var waits = [STDIN_FILENO, connection].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            if poll(&waits, 2, -1) == -1 { continue }
            if waits[0].revents != 0 {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count > 0 {
                    sent += count
                    if send(connection, buffer, count, 0) == -1 { fail("send") }
                } else {
                    shutdown(connection, Int32(SHUT_WR))
                    waits[0].fd = -1
                }
            }
            if waits[1].revents != 0 {
                let count = recv(connection, &buffer, buffer.count, 0)
                if count == -1 { fail("recv") }
                if count == 0 { break }
                received += count
                write(STDOUT_FILENO, buffer, count)
            }
        }
        if received < sent { fail("echo-client", because: "\(sent - received) bytes are missing") }
    }
}

func connected(to host: String, _ port: String) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = SOCK_STREAM
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &list)
    guard code == 0, let address = list?.pointee else {
        fail("getaddrinfo", because: String(cString: gai_strerror(code)))
    }
    let connection = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
    if connect(connection, address.ai_addr, address.ai_addrlen) == -1 { fail("connect") }
    return connection
}
