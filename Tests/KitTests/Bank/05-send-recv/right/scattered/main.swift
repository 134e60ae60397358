// readv(2) into two buffers and writev(2) out of two, or sendmsg(2) and recvmsg(2) in turn; files by subject.
import Glibc

let connection = Server(arguments: CommandLine.arguments).accept()
var relay = Relay(connection: connection)
while relay.pass() {}
