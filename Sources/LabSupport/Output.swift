// `stdout` is a variable to Swift, and nobody changes it.
#if canImport(Darwin)
@preconcurrency import Darwin
#elseif canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#endif

/// Ends the program because a call failed: writes `call`, a colon and the reason in `errno` to standard
/// error, as perror(3) does, and exits with status 1.
///
/// Call it at once after the call that failed: whatever runs in between may change `errno`.
///
/// - Parameter call: the name of the call, as in its man page: `bind`.
public func fail(_ call: String) -> Never {
    perror(call)
    exit(1)
}

/// Ends the program because a call failed that leaves its reason elsewhere than in `errno`, as getaddrinfo(3)
/// does: writes
/// `call`, a colon and `reason` to standard error, and exits with status 1.
public func fail(_ call: String, because reason: String) -> Never {
    writeError("\(call): \(reason)\n")
    exit(1)
}

/// Ends the program although no call has failed: writes `reason` to standard error, and exits with status 1.
public func fail(because reason: String) -> Never {
    writeError("\(reason)\n")
    exit(1)
}

/// Writes a status line to standard output, at once.
///
/// Into a pipe, `print` alone would wait until its buffer is full, and whoever reads the pipe would wait too.
///
/// - Parameter line: the line, without its newline.
public func announce(_ line: String) {
    print(line)
    // Not of all streams, by NULL: that would wait for a thread that reads standard input.
    fflush(stdout)
}

/// Writes `text` to standard error. What can't be written there can't be told anywhere.
func writeError(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
