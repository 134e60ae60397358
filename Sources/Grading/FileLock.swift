import Foundation

/// A file that one process at a time may hold, flock(2), and one thread of it.
enum FileLock {
    /// Runs `body` while nobody else holds the file at `path`, which is made where there is none. The kernel
    /// takes it back from a process that dies.
    ///
    /// - Throws: ``KitFailure`` where the file can't be opened or locked, and what `body` throws.
    static func hold(_ path: String, _ body: () throws(KitFailure) -> Void) throws(KitFailure) {
        // Not for the tools that `body` calls: one that outlives it would hold the file on.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        if descriptor == -1 { throw KitFailure("can't open \(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) == -1 {
            if errno == EINTR { continue }
            throw KitFailure("can't lock \(path): \(String(cString: strerror(errno)))")
        }
        try body()
    }
}
