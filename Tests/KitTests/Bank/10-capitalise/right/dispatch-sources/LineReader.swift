/// Whole lines out of pieces of them.
struct LineReader {
    private var lines: [[UInt8]] = []
    private var begun: [UInt8] = []
    private let limit = 1 << 16

    /// False: a line is too long. Those before it can still be had.
    mutating func take(_ bytes: [UInt8]) -> Bool {
        let pieces = bytes.split(separator: 10, omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() {
            let isWhole = index < pieces.count - 1
            begun += piece.map { (97...122).contains($0) ? $0 - 32 : $0 } + (isWhole ? [10] : [])
            if begun.count > limit {
                begun = []
                return false
            }
            if isWhole {
                lines.append(begun)
                begun = []
            }
        }
        return true
    }

    /// The next line; at the end of the input the last one needs no newline.
    mutating func next(atEnd: Bool) -> [UInt8]? {
        if !lines.isEmpty { return lines.removeFirst() }
        if !atEnd || begun.isEmpty { return nil }
        defer { begun = [] }
        return begun
    }
}
