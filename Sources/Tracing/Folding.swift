import ReferenceEcho

/// Bytes that a call has moved.
struct Transfer: Hashable {
    /// As the call is called in its lane: `send`, `#2 recv`.
    let name: String
    let connection: String
    let count: Int
}

extension [Row] {
    /// With those that move data over and over, as where a buffer is being filled, in one row: `send × 70
    /// 286,720 bytes`. Several calls that alternate become a row each.
    func folded() -> [Row] {
        let keys = map(\.foldingKey)
        var rows: [Row] = []
        var index = 0
        while index < count {
            guard let (period, times) = Self.repetition(in: keys[index...]) else {
                rows.append(self[index])
                index += 1
                continue
            }
            for place in index..<index + period {
                let equal = stride(from: place, to: index + period * times, by: period)
                rows.append(Row(sumOf: equal.map { self[$0] }))
            }
            index += period * times
        }
        return rows
    }

    /// How many rows from the first on repeat themselves, and how often: three times at least, and eight rows
    /// altogether, since what is short is best read as it was.
    private static func repetition(in keys: ArraySlice<Row.FoldingKey?>) -> (period: Int, times: Int)? {
        for period in 1...4 {
            let first = keys.prefix(period)
            if first.contains(nil) { return nil }
            var times = 1
            while keys.dropFirst(times * period).starts(with: first) { times += 1 }
            if times >= 3 && times * period >= 8 { return (period, times) }
        }
        return nil
    }
}

extension Row {
    /// Rows with the same key tell of the same, but for how many bytes.
    struct FoldingKey: Hashable {
        let calls: [String]
        let connections: Set<String>
        let direction: Segment.Direction?
        let bars: [Bar]
    }

    /// Nil where there is anything but data that was moved at once.
    fileprivate var foldingKey: FoldingKey? {
        let lanes = [program, peer]
        let transfers = lanes.compactMap { $0?.transfer }
        let isWaiting = bars.contains { $0 == .begins || $0 == .ends }
        if transfers.isEmpty || transfers.count < lanes.compactMap({ $0 }).count || isWaiting { return nil }
        if let segment, !segment.isData { return nil }
        return FoldingKey(
            calls: lanes.map { $0?.transfer?.name ?? "" },
            connections: Set(transfers.map(\.connection)),
            direction: segment?.direction,
            bars: bars
        )
    }

    fileprivate init(sumOf rows: [Row]) {
        self = rows[0]
        program = Label(sumOf: rows.compactMap(\.program))
        peer = Label(sumOf: rows.compactMap(\.peer))
        segment = Segment(sumOf: rows.compactMap(\.segment))
    }
}

extension Row.Label {
    fileprivate init?(sumOf labels: [Self]) {
        let transfers = labels.compactMap(\.transfer)
        guard let first = transfers.first else { return nil }
        let times = "\(first.name) × \(transfers.count)"
        let total = grouped(transfers.map(\.count).reduce(0, +))
        let texts = ["\(times)  \(total) bytes", "\(times)  \(total)"]
        self.init(texts[0]) { limit in texts.first { $0.count <= limit } ?? cut(times, limit) }
    }
}

extension Segment {
    fileprivate var isData: Bool { if case .data = kind { true } else { false } }

    fileprivate init?(sumOf segments: [Segment]) {
        guard let first = segments.first else { return nil }
        let counts = segments.map { if case .data(let count, _) = $0.kind { count } else { 0 } }
        self.init(
            kind: .data(counts.reduce(0, +), ""),
            direction: first.direction,
            connection: first.connection,
            time: first.time,
            cause: first.cause
        )
    }
}
