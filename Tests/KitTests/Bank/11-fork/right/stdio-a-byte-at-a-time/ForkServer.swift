// Each child echoes by stdio, a byte a call: of its calls none is recorded. Only Glibc, top-level code.
import Glibc

@_silgen_name("prctl")
func prctl(_ option: Int32, _ value: Int) -> Int32

func die(_ call: String) -> Never {
    perror(call)
    exit(1)
}

func say(_ line: String) {
    print(line)
    fflush(stdout)
}

func text(of address: sockaddr_in) -> String {
    "\(String(cString: inet_ntoa(address.sin_addr))):\(UInt16(bigEndian: address.sin_port))"
}

func generic<Value>(_ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Value) -> Value
{
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
}

func echo(_ connection: Int32) {
    guard let input = fdopen(dup(connection), "r"), let output = fdopen(dup(connection), "w") else { return }
    defer {
        fclose(input)
        fclose(output)
    }
    setvbuf(input, nil, _IONBF, 0)
    while true {
        let byte = getc(input)
        if byte == EOF {
            if ferror(input) == 0 || errno != EINTR { return }
            clearerr(input)
            continue
        }
        if putc(byte, output) == EOF { return }
        while fflush(output) == EOF {
            if errno != EINTR { return }
            clearerr(output)
        }
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 2, arguments[1].utf8.allSatisfy({ 48...57 ~= $0 }), let port = UInt16(arguments[1])
else {
    fputs("usage: fork-server PORT\n", stderr)
    exit(64)
}
signal(SIGPIPE, SIG_IGN)
signal(SIGINT) { _ in _exit(0) }
signal(SIGTERM) { _ in _exit(0) }
signal(SIGCHLD) { _ in
    let before = errno
    while waitpid(-1, nil, WNOHANG) > 0 {}
    errno = before
}

let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
if listener == -1 { die("socket") }
var on: Int32 = 1
if setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4) == -1 { die("setsockopt") }
var size = socklen_t(MemoryLayout<sockaddr_in>.size)
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
if generic(&address, { bind(listener, $0, size) }) == -1 { die("bind") }
if listen(listener, 128) == -1 { die("listen") }
if generic(&address, { getsockname(listener, $0, &size) }) == -1 { die("getsockname") }
say("listening on \(text(of: address))")

while true {
    var peer = sockaddr_in()
    let connection = generic(&peer) { accept(listener, $0, &size) }
    if connection == -1 { continue }
    let client = text(of: peer)
    say("accepted \(client)")
    let parent = getpid()
    let child = fork()
    if child == 0 {
        // PR_SET_PDEATHSIG: the kernel ends it with its parent.
        if prctl(1, Int(SIGKILL)) == -1 { die("prctl") }
        if getppid() != parent { _exit(0) }
        close(listener)
        echo(connection)
        shutdown(connection, Int32(SHUT_WR))
        close(connection)
        say("closed \(client)")
        _exit(0)
    }
    close(connection)
    if child == -1 { say("closed \(client)") }
}
