import Foundation
import Sockets

/// A pipe to oneself: a loop that stands in poll(2) waits for its read end too, and so another thread can
/// wake it.
final class SelfPipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(SocketError) {
        var ends: [Int32] = [-1, -1]
        try retrying("pipe") { pipe(&ends) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Makes the read end readable, for good.
    func ring() {
        _ = try? retrying("write") { write(writeEnd, [1], 1) }
    }
}
