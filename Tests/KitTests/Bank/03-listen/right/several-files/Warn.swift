import Glibc

func warn(_ text: String) {
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
}

func stop(_ call: String) -> Never {
    let reason = String(cString: strerror(errno))
    warn("\(call): \(reason)\n")
    exit(1)
}
