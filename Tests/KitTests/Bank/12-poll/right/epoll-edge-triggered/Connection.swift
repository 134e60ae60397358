import Glibc

/// A client. It is told of an edge once: so it goes on until a call would wait, but for so long only.
final class Connection {
    static let bound = 100_000
    let socket: Int32
    let name: String
    private var held: [UInt8] = []
    private var start = 0
    private var hasEnded = false

    init(_ socket: Int32, _ name: String) {
        (self.socket, self.name) = (socket, name)
    }

    enum Next { case wait, again, close }

    func step() -> Next {
        switch flush() {
        case .close: return .close
        case .wait where held.count - start >= Self.bound: return .wait
        default: break
        }
        if hasEnded { return held.isEmpty ? .close : .wait }
        var piece = [UInt8](repeating: 0, count: 5000)
        let count = read(socket, &piece, piece.count)
        if count == -1 && errno == EINTR { return .again }
        if count == -1 { return errno == EAGAIN ? .wait : .close }
        if count == 0 { hasEnded = true }
        held += piece.prefix(count)
        return .again
    }

    private func flush() -> Next {
        while start < held.count {
            let count = held.withUnsafeBytes { write(socket, $0.baseAddress! + start, $0.count - start) }
            if count == -1 && errno == EINTR { continue }
            if count == -1 { return errno == EAGAIN ? .wait : .close }
            start += count
        }
        held = []
        start = 0
        return .again
    }
}
