import Sockets

/// Room for what one recv(2) takes, and what of that has not been sent back yet.
final class Chunk {
    private let room: UnsafeMutableRawBufferPointer
    private var unsent = 0..<0

    init(capacity: Int) {
        room = .allocate(byteCount: capacity, alignment: 1)
    }

    deinit {
        room.deallocate()
    }

    var isEmpty: Bool { unsent.isEmpty }

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

/// The chunks of a loop. One serves message after message: a connection takes it away only where its client
/// doesn't take its echo, and another takes its place.
struct Chunks {
    /// Each message fills it anew.
    private(set) var current: Chunk
    private let capacity: Int
    private var spare: [Chunk] = []
    /// More than these are given back to the system.
    private static let limit = 64

    /// - Parameter capacity: the size of each, in bytes.
    init(capacity: Int) {
        self.capacity = capacity
        current = Chunk(capacity: capacity)
        spare.reserveCapacity(Self.limit)
    }

    mutating func takeCurrent() -> Chunk {
        let taken = current
        current = spare.popLast() ?? Chunk(capacity: capacity)
        return taken
    }

    /// - Parameter chunk: an empty one.
    mutating func giveBack(_ chunk: Chunk) {
        if spare.count < Self.limit { spare.append(chunk) }
    }
}
