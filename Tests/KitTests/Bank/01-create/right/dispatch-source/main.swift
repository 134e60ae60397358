// A dispatch source waits for standard input; the socket is not blocking, and is made on another queue.
import Dispatch
import Glibc

func makeSocket() -> Int32 {
    socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
}

func drain() {
    var bytes = [UInt8](repeating: 0, count: 100)
    if read(STDIN_FILENO, &bytes, bytes.count) == 0 { exit(EXIT_SUCCESS) }
}

func start() {
    let descriptor = makeSocket()
    if descriptor == -1 {
        perror("socket")
        exit(EXIT_FAILURE)
    }
    let line = "created socket \(descriptor)\n"
    _ = line.withCString { write(STDOUT_FILENO, $0, strlen($0)) }
}

guard CommandLine.arguments.dropFirst().isEmpty else {
    fputs("usage: create, and nothing else\n", stderr)
    exit(64)
}
DispatchQueue.global().sync(execute: start)
let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO)
source.setEventHandler(handler: drain)
source.resume()
dispatchMain()
