// The process of a client is a grandchild: its parent ends at once, and somebody else waits for it. It ends when
// the pipe does of which the server alone has the other end.
import Foundation

let server = Listener(CommandLine.arguments)
var pipe = Pipe()
signal(SIGPIPE, SIG_IGN)
signal(SIGINT) { _ in _exit(0) }
signal(SIGTERM) { _ in _exit(0) }
server.announce()

while true {
    guard let client = server.next() else { continue }
    client.say("accepted")
    let child = fork()
    if child == 0 {
        let grandchild = fork()
        if grandchild != 0 { _exit(grandchild == -1 ? 1 : 0) }
        close(server.descriptor)
        close(pipe.fileHandleForWriting.fileDescriptor)
        client.serve(until: pipe.fileHandleForReading.fileDescriptor)
        client.say("closed")
        _exit(0)
    }
    var status: Int32 = 1 << 8
    while child != -1, waitpid(child, &status, 0) == -1 && errno == EINTR {}
    close(client.descriptor)
    if status != 0 { client.say("closed") }
}
