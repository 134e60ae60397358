// Dispatch sources for the listener and for standard input, and handlers on the main queue.
import Dispatch
import Glibc

signal(SIGPIPE, SIG_IGN)
guard CommandLine.arguments.count == 2,
    CommandLine.arguments[1].utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
    let port = UInt16(CommandLine.arguments[1])
else {
    fputs("usage: accept PORT\n", stderr)
    exit(64)
}

nonisolated(unsafe) var connection: Int32 = -1

func expect(_ result: Int32, _ call: String) {
    guard result == -1 else { return }
    perror(call)
    exit(1)
}

func told(_ address: sockaddr_in) -> String {
    var text = [CChar](repeating: 0, count: 16)
    var host = address.sin_addr
    inet_ntop(AF_INET, &host, &text, 16)
    return "\(String(cString: text)):\(UInt16(bigEndian: address.sin_port))"
}

let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
expect(listener, "socket")
var on: Int32 = 1
expect(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4), "setsockopt")
var address = sockaddr_in()
address.sin_family = UInt16(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
var length: socklen_t = 16
withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        expect(bind(listener, $0, 16), "bind")
        expect(listen(listener, 16), "listen")
        expect(getsockname(listener, $0, &length), "getsockname")
    }
}
puts("listening on \(told(address))")
fflush(stdout)

let clients = DispatchSource.makeReadSource(fileDescriptor: listener, queue: .main)
let input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .main)
clients.setEventHandler {
    var peer = sockaddr_in()
    var length: socklen_t = 16
    connection = withUnsafeMutablePointer(to: &peer) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(listener, $0, &length) }
    }
    if connection == -1 && (errno == EINTR || errno == EAGAIN) { return }
    expect(connection, "accept")
    puts("accepted \(told(peer))")
    fflush(stdout)
    clients.suspend()
    input.resume()
}
input.setEventHandler {
    var bytes = [UInt8](repeating: 0, count: 65536)
    if read(STDIN_FILENO, &bytes, bytes.count) == 0 { exit(0) }
}
clients.resume()
dispatchMain()
