import Sockets

/// One client of a ``RequestLoad``, and its line on the way.
final class RequestClient {
    let socket: Socket
    var isConnected = false
    /// Whether a line is on its way.
    private(set) var isWaiting = false
    /// Where it begins in ``Lines``.
    private(set) var place: Int
    /// How many bytes of it have come back.
    var received = 0
    private var began: UInt64 = 0

    /// - Parameter place: where in ``Lines`` to begin.
    init(_ socket: consuming Socket, at place: Int) {
        self.socket = socket
        self.place = place
    }

    /// Begins with the next line.
    func begin() {
        isWaiting = true
        place += Lines.length
        received = 0
        began = MonotonicTime.now
    }

    /// Returns how long its line took, in nanoseconds.
    func end() -> UInt64 {
        isWaiting = false
        return MonotonicTime.now - began
    }
}
