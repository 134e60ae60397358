import Sockets

/// Room for what one recv(2) takes, and what of that has not been sent back yet.
final class Chunk {
    private let room: UnsafeMutableRawBufferPointer
    private var unsent = 0..<0

    init(capacity: Int) {
        // From the start of a page: the kernel copies faster to and from there.
        room = .allocate(byteCount: capacity, alignment: 4096)
    }

    deinit {
        room.deallocate()
    }

    var isEmpty: Bool { unsent.isEmpty }

    func clear() { unsent = 0..<0 }

    /// Takes what has come from `socket`, and returns whether it was anything but the end of file. recv(2).
    func fill(from socket: borrowing Socket) throws(SocketError) -> Bool {
        unsent = 0..<(try socket.receive(into: room))
        return !isEmpty
    }

    /// Sends what `socket` takes now. send(2).
    func drain(into socket: borrowing Socket) throws(SocketError) {
        do throws(SocketError) {
            let count = try socket.send(UnsafeRawBufferPointer(rebasing: room[unsent]))
            unsent = unsent.lowerBound + count..<unsent.upperBound
        } catch let error where error.wouldBlock {
            // It takes nothing now.
        }
    }
}

/// The chunks that nobody needs now. The same few serve one message after the other: a connection keeps one
/// only where its client doesn't take its echo.
struct Chunks {
    private let capacity: Int
    private var spare: [Chunk] = []
    /// More than these are given back to the system.
    private static let limit = 64

    /// - Parameter capacity: the size of each, in bytes.
    init(capacity: Int) {
        self.capacity = capacity
        spare.reserveCapacity(Self.limit)
    }

    mutating func take() -> Chunk { spare.popLast() ?? Chunk(capacity: capacity) }

    mutating func giveBack(_ chunk: Chunk) {
        chunk.clear()
        if spare.count < Self.limit { spare.append(chunk) }
    }
}
