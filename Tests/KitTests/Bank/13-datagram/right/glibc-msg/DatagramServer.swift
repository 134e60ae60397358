// Only Glibc, top-level code, recvmsg(2) and sendmsg(2), a handler that sets a flag and interrupts.
import Glibc

setvbuf(stdout, nil, _IOLBF, 0)

func die(_ call: String) -> Never {
    perror(call)
    exit(1)
}

guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
    fputs("usage: datagram-server PORT\n", stderr)
    exit(64)
}

// Without SA_RESTART the call that waits fails with EINTR.
var isOver: sig_atomic_t = 0
var action = sigaction()
action.__sigaction_handler.sa_handler = { _ in isOver = 1 }
sigaction(SIGINT, &action, nil)
sigaction(SIGTERM, &action, nil)

let server = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), Int32(IPPROTO_UDP))
if server < 0 { die("socket") }
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = inet_addr("127.0.0.1")
var length = socklen_t(MemoryLayout.size(ofValue: address))
let size = length
let bound = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(server, $0, size) }
}
if bound < 0 { die("bind") }
let named = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(server, $0, &length) }
}
if named < 0 { die("getsockname") }
print("bound to 127.0.0.1:\(UInt16(bigEndian: address.sin_port))")

let room = 1 << 20
let bytes = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
var sender = sockaddr_storage()
while isOver == 0 {
    var vector = iovec(iov_base: bytes, iov_len: room)
    withUnsafeMutablePointer(to: &vector) { vector in
        withUnsafeMutablePointer(to: &sender) { sender in
            var message = msghdr()
            message.msg_name = UnsafeMutableRawPointer(sender)
            message.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
            message.msg_iov = vector
            message.msg_iovlen = 1
            let count = recvmsg(server, &message, 0)
            if count < 0 { return }
            vector.pointee.iov_len = count
            while sendmsg(server, &message, 0) < 0 && errno == EINTR && isOver == 0 {}
        }
    }
}
exit(0)
