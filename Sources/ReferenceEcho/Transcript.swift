import Sockets

/// What a client did and saw on one connection. It tells nothing of time, nor of the pieces in which bytes
/// came: two servers that are both right give equal transcripts of one script.
public struct Transcript: Hashable, Sendable {
    public enum Entry: Hashable, Sendable {
        case sent([UInt8])
        case halfClosed
        case reset
        case closed
        /// The server sent these bytes, in one piece or in many.
        case received([UInt8])
        /// The server sent a FIN. Told once, where it was first seen.
        case endOfFile
        /// The server, or its kernel, broke the connection.
        case broken
        /// The server sent nothing, and took nothing, until patience ran out.
        case nothing
    }

    public private(set) var entries: [Entry] = []

    public init() {}

    /// Everything that the server sent.
    public var receivedBytes: [UInt8] {
        entries.reduce(into: []) { all, entry in
            if case .received(let bytes) = entry { all += bytes }
        }
    }

    mutating func append(_ entry: Entry) {
        if case .received(let more) = entry, case .received(let bytes)? = entries.last {
            entries[entries.count - 1] = .received(bytes + more)
        } else {
            entries.append(entry)
        }
    }

    mutating func append(_ received: Received, atLeast count: Int) {
        if !received.bytes.isEmpty { append(.received(received.bytes)) }
        if received.bytes.count < count { append(ending: received.ending) }
    }

    private mutating func append(ending: Ending) {
        switch ending {
        case .stillOpen: append(.nothing)
        case .endOfFile: if !entries.contains(.endOfFile) { append(.endOfFile) }
        case .reset: append(.broken)
        }
    }

    /// The first entry in which this differs from what it should be, in words; nil where it doesn't.
    public func firstDifference(from expected: Transcript) -> String? {
        let common = zip(entries, expected.entries).prefix { $0 == $1 }.count
        if common == entries.count && common == expected.entries.count { return nil }
        let seen = common < entries.count ? entries[common] : nil
        let wanted = common < expected.entries.count ? expected.entries[common] : nil
        let lines = """
            line \(common + 1)
              expected  \(wanted?.description ?? "the end")
              saw       \(seen?.description ?? "the end")
            """
        guard case .received(let got)? = seen, case .received(let due)? = wanted else { return lines }
        return lines + (Payload.firstDifference(expected: due, seen: got).map { "\n  at        \($0)" } ?? "")
    }
}

extension Transcript: CustomStringConvertible {
    /// The conversation, a line for each entry.
    public var description: String {
        entries.map(\.description).joined(separator: "\n")
    }
}

extension Transcript.Entry: CustomStringConvertible {
    /// `→` is from the client to the server, `←` from the server to the client.
    public var description: String {
        switch self {
        case .sent(let bytes): "→ \(describe(bytes))"
        case .halfClosed: "→ FIN"
        case .reset: "→ RST"
        case .closed: "→ close"
        case .received(let bytes): "← \(describe(bytes))"
        case .endOfFile: "← FIN"
        case .broken: "← RST"
        case .nothing: "… nothing more"
        }
    }
}
