/// Waits until standard input ends: Ctrl-D in a terminal, or the end of a pipe. What comes before is dropped.
public func waitForEndOfInput() {
    var buffer = [UInt8](repeating: 0, count: 1024)
    while true {
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count == -1 && errno == EINTR { continue }
        if count <= 0 { return }
    }
}
