import ReferenceEcho
import Sockets

/// What clients send, and what has to come back: 1,024 lines of 64 bytes, of which the last is a newline and
/// the others are anything else, one after the other, and once more.
///
/// Clients send straight out of it, and compare with it, so that nothing is copied. One line differs from
/// the next, so that an answer to another client, or to another line, does not pass.
final class Lines {
    static let length = 64
    /// In bytes: where they begin again.
    static let period = 1024 * length

    private let sent: UnsafeRawBufferPointer
    private let expected: UnsafeRawBufferPointer

    init(expectsCapitals: Bool) {
        var random = SeededGenerator(seed: 7007)
        let bytes = (0..<Self.period).map { index -> UInt8 in
            if index % Self.length == Self.length - 1 { return UInt8(ascii: "\n") }
            let byte = UInt8(truncatingIfNeeded: random.next())
            return byte == UInt8(ascii: "\n") ? 0 : byte
        }
        sent = Self.twice(bytes)
        expected = expectsCapitals ? Self.twice(bytes.map(Self.capital)) : sent
    }

    deinit {
        if expected.baseAddress != sent.baseAddress { expected.deallocate() }
        sent.deallocate()
    }

    /// `count` bytes from `place` on, as they are sent. At most a period.
    func bytes(at place: Int, _ count: Int) -> UnsafeRawBufferPointer {
        let start = place % Self.period
        return UnsafeRawBufferPointer(rebasing: sent[start..<start + count])
    }

    /// Compares what came back with what had to, from `place` on. At most a period. memcmp(3).
    ///
    /// - Parameter origin: the place of what is told as byte 0.
    func check(
        _ received: UnsafeRawBufferPointer,
        at place: Int,
        countedFrom origin: Int = 0
    ) throws(Trouble) {
        let start = place % Self.period
        let right = UnsafeRawBufferPointer(rebasing: expected[start..<start + received.count])
        guard let ours = right.baseAddress, let theirs = received.baseAddress else { return }
        if memcmp(ours, theirs, received.count) == 0 { return }
        let offset = received.indices.first { received[$0] != right[$0] } ?? 0
        throw .differs(
            at: place + offset - origin,
            expected: right[offset],
            received: received[offset]
        )
    }

    private static func capital(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte - 32 : byte
    }

    /// So that a period can begin anywhere and be in one piece.
    private static func twice(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * bytes.count, alignment: 64)
        memory.copyBytes(from: bytes + bytes)
        return UnsafeRawBufferPointer(memory)
    }
}
