// No fork(2): the process of a client is this program anew, which finds its connection at descriptor 4, and at 5
// a pipe that ends when the server does.
import Foundation

if let client = getenv("CLIENT").map({ String(cString: $0) }) {
    Thread.detachNewThread {
        var byte: UInt8 = 0
        while read(5, &byte, 1) == -1 && errno == EINTR {}
        _exit(0)
    }
    serve(4)
    say("closed \(client)")
    _exit(0)
}

let words = CommandLine.arguments
guard words.count == 2, !words[1].isEmpty, words[1].allSatisfy({ "0"..."9" ~= $0 }),
    let port = UInt16(words[1])
else {
    FileHandle.standardError.write(Data("usage: fork-server PORT\n".utf8))
    exit(64)
}
signal(SIGPIPE, SIG_IGN)
// Without SA_RESTART: accept(2) fails with EINTR whenever a child ends.
var action = sigaction()
action.__sigaction_handler.sa_handler = { _ in while waitpid(-1, nil, WNOHANG) > 0 {} }
sigaction(SIGCHLD, &action, nil)
for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(0) } }

var ends: [Int32] = [-1, -1]
check(pipe(&ends), "pipe")
let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
check(listener, "socket")
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = inet_addr("127.0.0.1")
var on: Int32 = 1
check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4), "setsockopt")
check(named(&address) { bind(listener, $0, $1.pointee) }, "bind")
check(listen(listener, 100), "listen")
check(named(&address) { getsockname(listener, $0, $1) }, "getsockname")
for descriptor in ends + [listener] { check(fcntl(descriptor, F_SETFD, FD_CLOEXEC), "fcntl") }
say("listening on \(text(address))")

while true {
    let connection = named(&address) { accept(listener, $0, $1) }
    if connection == -1 { continue }
    say("accepted \(text(address))")
    let isServed = spawn(for: connection, text(address))
    close(connection)
    if !isServed { say("closed \(text(address))") }
}

func spawn(for connection: Int32, _ client: String) -> Bool {
    // Above the numbers that the child is to have, so that none takes the place of another.
    let given = [connection, ends[0]].map { fcntl($0, F_DUPFD_CLOEXEC, 20) }
    defer { for descriptor in given { close(descriptor) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Not close-on-exec, and nobody else's business.
    if connection > 5 { posix_spawn_file_actions_addclose(&actions, connection) }
    posix_spawn_file_actions_adddup2(&actions, given[0], 4)
    posix_spawn_file_actions_adddup2(&actions, given[1], 5)
    setenv("CLIENT", client, 1)
    var child: pid_t = -1
    return posix_spawn(&child, words[0], &actions, nil, CommandLine.unsafeArgv, environ) == 0
}
