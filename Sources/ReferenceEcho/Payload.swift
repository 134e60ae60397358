import Foundation

/// Bytes to send.
public enum Payload {
    /// Each of the 256 byte values once, from 0 up.
    public static let everyByteValue = [UInt8](0...255)

    /// Bytes that are no text: UTF-8's forbidden values, a stray continuation, an overlong slash, a
    /// surrogate, and a letter cut in two at the end.
    public static let invalidUTF8: [UInt8] = [
        0xFF, 0xFE, 0x80, 0x20, 0xC0, 0xAF, 0x20, 0xED, 0xA0, 0x80, 0x20, 0x61, 0xC3,
    ]

    /// `count` bytes without a pattern that repeats, so that none can be lost, doubled or moved unseen.
    public static func pattern(count: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        let size = MemoryLayout<UInt64>.size
        return [UInt8](unsafeUninitializedCapacity: count + size) { buffer, initializedCount in
            for offset in stride(from: 0, to: count, by: size) {
                UnsafeMutableRawBufferPointer(buffer)
                    .storeBytes(of: generator.next().littleEndian, toByteOffset: offset, as: UInt64.self)
            }
            initializedCount = count
        }
    }

    /// `count` letters, digits and signs, likewise. None of them means anything to anybody where it comes last in a
    /// piece, as the end of a line does: what becomes of them depends on no cut.
    public static func text(count: Int, seed: UInt64 = 1) -> [UInt8] {
        Array(Data(pattern(count: count, seed: seed)).base64EncodedData().prefix(count))
    }

    /// `count` letters, and bytes that are no text wherever they stand, likewise: what becomes of them depends on no
    /// cut either.
    public static func mixed(count: Int, seed: UInt64 = 1) -> [UInt8] {
        // A digit or a sign with its eighth bit set is one of UTF-8's continuations, and nothing comes before it.
        text(count: count, seed: seed).map { $0 < 0x40 ? $0 | 0x80 : $0 }
    }

    /// A line of `count` characters, its newline included, without a pattern that repeats.
    public static func line(count: Int) -> [UInt8] {
        text(count: count - 1) + [UInt8(ascii: "\n")]
    }

    /// Where `seen` begins to differ from `expected`, or nil where it does not.
    public static func firstDifference(expected: [UInt8], seen: [UInt8]) -> ByteDifference? {
        // First the quick way: a byte at a time, megabytes take seconds in a debug build.
        if expected.count == seen.count && memcmp(expected, seen, seen.count) == 0 { return nil }
        let common = zip(expected, seen).prefix { $0 == $1 }.count
        return ByteDifference(
            offset: common,
            expected: common < expected.count ? expected[common] : nil,
            seen: common < seen.count ? seen[common] : nil
        )
    }
}

/// The first byte in which what came differs from what was expected.
public struct ByteDifference: Hashable, Sendable, CustomStringConvertible {
    /// How many bytes before it are the same.
    public let offset: Int
    /// The byte that should be there; nil where nothing more was expected.
    public let expected: UInt8?
    /// The byte that is there; nil where nothing more came.
    public let seen: UInt8?

    public var description: String {
        "byte \(offset): expected \(Self.describe(expected)), saw \(Self.describe(seen))"
    }

    private static func describe(_ byte: UInt8?) -> String {
        byte.map(hexadecimal) ?? "the end"
    }
}
