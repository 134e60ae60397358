// accept4, sendmsg and recvmsg, getopt; where no descriptor is left, one in reserve turns the client away.
import Glibc

@_silgen_name("accept4")
func accept4(
    _: Int32,
    _: UnsafeMutablePointer<sockaddr>,
    _: UnsafeMutablePointer<socklen_t>,
    _: Int32
) -> Int32

@main
struct EchoServer {
    static func main() {
        let place = Place(arguments: CommandLine.argc, CommandLine.unsafeArgv)
        endOnSignals()
        let listener = place.listeningSocket()
        say("listening on \(Place(of: listener))")
        var reserve = open("/dev/null", O_RDONLY)
        while true {
            var peer = Place()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let cloexec = Int32(SOCK_CLOEXEC.rawValue)
            let client = peer.withPointer { accept4(listener, $0, &length, cloexec) }
            if client == -1 && errno == EMFILE {
                close(reserve)
                close(accept(listener, nil, nil))
                reserve = open("/dev/null", O_RDONLY)
            }
            if client == -1 { continue }
            say("accepted \(peer)")
            Conversation(connection: client).run()
            close(client)
            say("closed \(peer)")
        }
    }

    static func endOnSignals() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in _exit(0) }
        for number in [SIGINT, SIGTERM] where sigaction(number, &action, nil) == -1 { give(up: "sigaction") }
    }
}

func say(_ line: String) {
    puts(line)
    fflush(stdout)
}

func give(up call: String) -> Never {
    perror(call)
    exit(1)
}
