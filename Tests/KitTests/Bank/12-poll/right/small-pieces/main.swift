// Two hundred bytes a call, in closures. Where no descriptor is left, one that was kept for it is given up, to
// take the next client off the queue and let it go.
import LabSupport

struct Client {
    let name: String
    var held = [UInt8](repeating: 0, count: 200)
    var range = 0..<0
}

let port = portArgument(usage: "poll-server PORT")
for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(0) } }
signal(SIGPIPE, SIG_IGN)

var address = sockaddr_in()
var length = socklen_t(MemoryLayout<sockaddr_in>.size)
func call(_ body: (UnsafeMutablePointer<sockaddr>) -> Int32) -> Int32 {
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
}
func told() -> String {
    let number = UInt32(bigEndian: address.sin_addr.s_addr)
    let bytes = [24, 16, 8, 0].map { "\(number >> $0 & 255)" }.joined(separator: ".")
    return "\(bytes):\(address.sin_port.bigEndian)"
}

let listener = socket(AF_INET, SOCK_STREAM, 0)
if listener == -1 { fail("socket") }
var on: Int32 = 1
if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { fail("setsockopt") }
address.sin_family = sa_family_t(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = inet_addr("127.0.0.1")
if call({ bind(listener, $0, length) }) == -1 { fail("bind") }
if listen(listener, 1000) == -1 { fail("listen") }
if fcntl(listener, F_SETFL, O_NONBLOCK) == -1 { fail("fcntl") }
if call({ getsockname(listener, $0, &length) }) == -1 { fail("getsockname") }
announce("listening on \(told())")

var spare = open("/dev/null", O_RDONLY)
var clients: [Int32: Client] = [:]
var watched = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]

func takeIn() {
    let connection = call { accept(listener, $0, &length) }
    if connection != -1 {
        if fcntl(connection, F_SETFL, O_NONBLOCK) == -1 { perror("fcntl") }
        announce("accepted \(told())")
        clients[connection] = Client(name: told())
        watched.append(pollfd(fd: connection, events: Int16(POLLIN), revents: 0))
    } else if errno == EMFILE && spare != -1 {
        close(spare)
        let unlucky = accept(listener, nil, nil)
        if unlucky != -1 { close(unlucky) }
        spare = open("/dev/null", O_RDONLY)
    }
}

func move(_ entry: inout pollfd, _ client: inout Client) -> Bool {
    let count: Int
    if client.range.isEmpty {
        count = recv(entry.fd, &client.held, client.held.count, 0)
        if count == 0 { return false }
        if count > 0 { client.range = 0..<count }
    } else {
        count = client.held[client.range].withUnsafeBytes { send(entry.fd, $0.baseAddress, $0.count, 0) }
        client.range = client.range.dropFirst(max(0, count))
    }
    entry.events = Int16(client.range.isEmpty ? POLLIN : POLLOUT)
    return count >= 0 || errno == EAGAIN || errno == EINTR
}

while true {
    if poll(&watched, nfds_t(watched.count), -1) == -1 { continue }
    if watched[0].revents != 0 { takeIn() }
    for index in watched.indices.dropFirst() where watched[index].revents != 0 {
        let socket = watched[index].fd
        guard var client = clients.removeValue(forKey: socket) else { continue }
        if move(&watched[index], &client) {
            clients[socket] = client
        } else {
            shutdown(socket, Int32(SHUT_WR))
            close(socket)
            announce("closed \(client.name)")
            watched[index].events = -1
        }
    }
    watched.removeAll { $0.events == -1 }
}
