// A process for each client, which its parent waits for before it says that the connection is closed.
import Glibc

@_silgen_name("fork")
func makeProcess() -> pid_t

signal(SIGPIPE, SIG_IGN)
let server = Server(port: portInArguments())
say("listening on \(server.name)")
while true {
    guard let (connection, name) = server.next() else { continue }
    say("accepted \(name)")
    let child = makeProcess()
    if child == -1 { die("fork") }
    if child == 0 {
        close(server.descriptor)
        echo(connection)
        _exit(0)
    }
    close(connection)
    var status: Int32 = 0
    while waitpid(child, &status, 0) == -1 && errno == EINTR {}
    say("closed \(name)")
}
