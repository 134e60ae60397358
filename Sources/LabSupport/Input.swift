/// Waits until standard input ends: Ctrl-D in a terminal, or the end of a pipe. What comes before is dropped.
public func waitForEndOfInput() {
    var buffer = [UInt8](repeating: 0, count: 1024)
    while true {
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count == -1 && errno == EINTR { continue }
        if count <= 0 { return }
    }
}

/// Returns the next line of standard input, without its newline, or what stands there without one before the
/// end; nil at the end. Byte by byte, since what came behind the newline would have to be kept for later.
public func nextInputLine() -> [UInt8]? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count == -1 && errno == EINTR { continue }
        if count <= 0 { return line.isEmpty ? nil : line }
        if byte == UInt8(ascii: "\n") { return line }
        line.append(byte)
    }
}
