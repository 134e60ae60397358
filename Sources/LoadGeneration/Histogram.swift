/// How often each of a great many values came: in buckets, none of which is wider than a 128th of what is in
/// it.
///
/// Values below 256 have a bucket each. Above, each power of two has 128 of them: the eight highest bits of
/// a value choose one. So noting a value takes a few instructions, and no memory.
public struct Histogram: Hashable, Sendable {
    private var buckets = [Int](repeating: 0, count: Self.index(of: Self.limit) + 1)
    public private(set) var count = 0
    /// The largest value, to the last digit.
    public private(set) var largest: UInt64 = 0

    /// Values above, eighteen minutes in nanoseconds, count as this.
    private static let limit: UInt64 = (1 << 40) - 1

    public init() {}

    public mutating func add(_ value: UInt64) {
        buckets[Self.index(of: min(value, Self.limit))] += 1
        count += 1
        largest = max(largest, value)
    }

    public mutating func add(_ other: Histogram) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        count += other.count
        largest = max(largest, other.largest)
    }

    /// The smallest value that at least `share` of all values do not exceed: 0.5 gives the median. 0 where there
    /// are no values.
    public func percentile(_ share: Double) -> UInt64 {
        let rank = max(1, Int((share * Double(count)).rounded(.up)))
        var seen = 0
        for (index, amount) in buckets.enumerated() where amount > 0 {
            seen += amount
            if seen >= rank { return min(Self.middle(of: index), largest) }
        }
        return largest
    }

    private static func index(of value: UInt64) -> Int {
        let shift = max(0, value.bitWidth - 8 - value.leadingZeroBitCount)
        return shift * 128 + Int(value >> UInt64(shift))
    }

    private static func middle(of index: Int) -> UInt64 {
        let shift = max(0, index / 128 - 1)
        let lowest = UInt64(index - shift * 128) << UInt64(shift)
        return lowest + (1 << UInt64(shift)) / 2
    }
}

/// Most buckets are empty: only the others are written, each as its index and what is in it.
extension Histogram: Codable {
    private enum CodingKeys: String, CodingKey {
        case largest, buckets
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        largest = try container.decode(UInt64.self, forKey: .largest)
        for pair in try container.decode([[Int]].self, forKey: .buckets) {
            guard pair.count == 2, buckets.indices.contains(pair[0]) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .buckets,
                    in: container,
                    debugDescription: "a bucket is its index, and how many values are in it"
                )
            }
            buckets[pair[0]] = pair[1]
            count += pair[1]
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(largest, forKey: .largest)
        let pairs = buckets.enumerated().filter { $0.element > 0 }.map { [$0.offset, $0.element] }
        try container.encode(pairs, forKey: .buckets)
    }
}
