// A class for the socket and one for the address, in files of their own; notes on standard error; select(2) is not needed.
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 1, let address = Address(port: arguments[0]) else {
    warn("usage: listen PORT\n")
    exit(64)
}
let server = Server()
server.reuse()
server.bind(to: address)
server.listen()
warn("listening with descriptor \(server.descriptor)\n")
let line: [UInt8] = Array("listening on \(server.address)\n".utf8)
_ = line.withUnsafeBytes { bytes in
    var part = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    return writev(STDOUT_FILENO, &part, 1)
}
var byte: UInt8 = 0
while read(STDIN_FILENO, &byte, 1) == 1 {}
warn("done\n")
