// getaddrinfo(3) lays the address out, getnameinfo(3) reads it; SO_REUSEADDR is set already.
import Glibc

func stop(_ call: String) -> Never {
    perror(call)
    exit(1)
}

func isPort(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 5 && text.utf8.allSatisfy { 48...57 ~= $0 } && Int(text)! <= 65535
}

guard CommandLine.arguments.count == 2, isPort(CommandLine.arguments[1]) else {
    fputs("usage: bind PORT\n", stderr)
    exit(64)
}

var hints = addrinfo()
hints.ai_family = AF_INET
hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
var list: UnsafeMutablePointer<addrinfo>?
let problem = getaddrinfo("127.0.0.1", CommandLine.arguments[1], &hints, &list)
guard problem == 0, let first = list?.pointee else {
    fputs("getaddrinfo: \(String(cString: gai_strerror(problem)))\n", stderr)
    exit(1)
}

let descriptor = socket(first.ai_family, first.ai_socktype, first.ai_protocol)
if descriptor == -1 { stop("socket") }
var yes: CInt = 1
if setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4) == -1 { stop("setsockopt") }
if bind(descriptor, first.ai_addr, first.ai_addrlen) == -1 { stop("bind") }

var length = first.ai_addrlen
if getsockname(descriptor, first.ai_addr, &length) == -1 { stop("getsockname") }
var host = [CChar](repeating: 0, count: 64)
var service = [CChar](repeating: 0, count: 16)
let flags = NI_NUMERICHOST | NI_NUMERICSERV
getnameinfo(first.ai_addr, length, &host, 64, &service, 16, flags)
freeaddrinfo(list)
fputs("bound to ", stdout)
fputs(host, stdout)
fputs(":", stdout)
puts(service)
fflush(nil)

while readLine(strippingNewline: false) != nil {}
