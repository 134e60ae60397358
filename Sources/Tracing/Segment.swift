import ReferenceEcho

/// What went from one side to the other: a segment of TCP, or as many as the data of one call took.
///
/// Acknowledgements of data are left out: they say nothing that a call tells.
public struct Segment: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case syn, synAck, ack
        /// So many bytes, and the first of them as the recorder quotes them.
        case data(Int, String)
        case fin, rst
    }

    public enum Direction: Hashable, Sendable {
        case toPeer, toProgram
    }

    /// What made it: a call of either side, by its place in the conversation, the return of a call that had
    /// kept a closed connection, the end of the program, or the kernel by itself.
    public enum Cause: Hashable, Sendable {
        case call(Int)
        case step(Int)
        case returned(Int)
        case end
        case kernel
    }

    public let kind: Kind
    public let direction: Direction
    /// The client's end of the connection, as far as it is known.
    public let connection: String
    /// When it was sent, in nanoseconds of the monotonic clock.
    public let time: UInt64
    public let cause: Cause
}

extension Conversation {
    /// What went to and fro, in the order in which it was sent: derived from what both sides did, and from
    /// what TCP does of it.
    public var segments: [Segment] {
        var wire = Wire(self)
        for moment in moments { wire.advance(moment) }
        return wire.segments
    }

    private var moments: [Segment.Cause] {
        let returns = calls.indices.compactMap { index in calls[index].ended.map { ($0, index) } }
        let all =
            calls.indices.map { (calls[$0].began, Segment.Cause.call($0)) }
            + returns.map { ($0 &+ 1, .returned($1)) }
            + steps.indices.map { (steps[$0].sent, .step($0)) }
            + (end.map { [($0.time, .end)] } ?? [])
        return all.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
            .map(\.element.1)
    }
}

extension PeerStep {
    /// What is sent is on its way before the call has returned.
    var sent: UInt64 { [.recv, .accept].contains(action) ? ended : began }
}

extension Segment {
    /// `SYN`, `"hello\n"`, `4096 bytes`: whichever fits.
    func label(limit: Int) -> String {
        guard case .data(let count, let data) = kind else { return full }
        return [data, byteCount(count)].first { !$0.isEmpty && $0.count <= limit } ?? "\(count)"
    }

    /// `SYN`, `6 bytes "hello\n"`.
    var full: String {
        switch kind {
        case .syn: "SYN"
        case .synAck: "SYN+ACK"
        case .ack: "ACK"
        case .fin: "FIN"
        case .rst: "RST"
        case .data(let count, let data): "\(byteCount(count)) \(data)"
        }
    }
}
