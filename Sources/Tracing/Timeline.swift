import Foundation
import ReferenceEcho
import Supervision

/// The rows of a conversation, from top to bottom, in the order of time.
///
/// What arrives stands in the row of what was sent where the receiver was waiting for it: how long a process
/// takes to wake up says nothing.
struct Timeline {
    private(set) var rows: [Row] = []
    private let conversation: Conversation
    private let segments: [Segment]
    private let holdings: Holdings
    private let names: [String: String]
    private let datagramClients: Set<String>
    private let start: UInt64

    private let causedBy: [Segment.Cause: [Int]]
    /// By segment, its row.
    private var rowOfSegment: [Int: Int] = [:]
    /// By call that waits, the rows in which it begins and ends.
    private var spans: [Span] = []
    /// That of the program's end.
    private var lastOfProgram: Int?

    /// - Parameter limit: how many rows to show; of more, those in the middle are left out.
    init(_ conversation: Conversation, limit: Int) {
        self.conversation = conversation
        let segments = conversation.segments
        self.segments = segments
        causedBy = Dictionary(grouping: segments.indices) { segments[$0].cause }
        holdings = Holdings(conversation)
        names = Self.names(of: conversation)
        datagramClients = conversation.datagramClients
        let moments = Moment.all(of: conversation, segments)
        start = moments.first?.time ?? 0
        for moment in moments { add(moment) }
        addWhatWaits()
        rows.draw(spans)
        rows = rows.folded()
        rows.leaveOut(beyond: limit)
    }

    /// Several clients are told apart by numbers.
    private static func names(of conversation: Conversation) -> [String: String] {
        var clients: [String] = []
        for step in conversation.steps where !clients.contains(step.client) { clients.append(step.client) }
        if clients.count < 2 { return [:] }
        return Dictionary(uniqueKeysWithValues: zip(clients, (1...).lazy.map { "#\($0)" }))
    }

    // MARK: - Rows

    private mutating func add(_ moment: Moment) {
        switch moment.event {
        case .call(let index): addCall(index, moment.time)
        case .entry(let index): addEntry(index, moment.time)
        case .end(let index): addEnd(index, moment.time)
        case .step(let index): addStep(index, moment.time)
        case .exit:
            guard let end = conversation.end else { break }
            lastOfProgram = rows.count
            add(moment.time, .end, program: Row.Label(end.text, isFailure: end.isFailure))
        case .signal(let index):
            let name = signalName(conversation.signals[index].number)
            rows.append(Row(time: moment.time - start, program: Row.Label("--- \(name) ---")))
        case .segment(let index):
            rowOfSegment[index] = rows.count
            rows.append(Row(time: moment.time - start, segment: segments[index]))
        }
    }

    /// Adds a row, and one for each further segment of the same cause. Returns the last one's place.
    @discardableResult
    private mutating func add(
        _ time: UInt64,
        _ cause: Segment.Cause,
        program: Row.Label? = nil,
        peer: Row.Label? = nil
    ) -> Int {
        var row = Row(time: time - start, program: program, peer: peer)
        let caused = causedBy[cause] ?? []
        for index in caused {
            row.segment = segments[index]
            rowOfSegment[index] = rows.count
            rows.append(row)
            row = Row()
        }
        if caused.isEmpty { rows.append(row) }
        return rows.count - 1
    }

    private mutating func addCall(_ index: Int, _ time: UInt64) {
        let call = conversation.calls[index]
        var label = call.whole(of: clientName(of: index))
        if let answer = call.longAnswer {
            rows.append(Row(time: time - start, program: call.entry))
            rows.append(Row(program: answer))
        } else {
            label.transfer = call.moved.map {
                let connection = holdings.connection(of: index) ?? "\(call.descriptor ?? -1)"
                return Transfer(name: call.name, connection: connection, count: $0)
            }
            add(time, .call(index), program: label)
        }
    }

    /// Of an accept(2), which of several clients it was.
    private func clientName(of call: Int) -> String? {
        if conversation.calls[call].family != .accept { return nil }
        return holdings.connection(of: call).flatMap { names[$0] }
    }

    private mutating func addEntry(_ index: Int, _ time: UInt64) {
        let first = rows.count
        let last = add(time, .call(index), program: conversation.calls[index].entry)
        // It is the last segment of a handshake that lets connect(2) return.
        let isOver = last > first && conversation.calls[index].ended != nil
        if isOver { rows[last].program = conversation.calls[index].end() }
        spans.append(Span(call: index, first: first, last: isOver ? last : nil))
    }

    private mutating func addEnd(_ index: Int, _ time: UInt64) {
        guard let span = spans.firstIndex(where: { $0.call == index }), spans[span].last == nil else {
            return
        }
        let label = conversation.calls[index].end(of: clientName(of: index))
        if let row = rowThatWakes(index) {
            rows[row].program = label
            spans[span].last = row
        } else {
            spans[span].last = rows.count
            rows.append(Row(time: time - start, program: label))
        }
    }

    /// The row of the segment for which a call has waited: the first to arrive after its entry.
    private func rowThatWakes(_ index: Int) -> Int? {
        let call = conversation.calls[index]
        let row: Int?
        if [.recv, .accept].contains(call.family), let connection = holdings.connection(of: index) {
            let segment = segments.indices.first {
                let segment = segments[$0]
                return segment.connection == connection && segment.direction == .toProgram
                    && segment.time >= call.began && segment.time <= call.ended ?? 0
                    && call.isWoken(by: segment.kind)
            }
            row = segment.flatMap { rowOfSegment[$0] }
        } else {
            row = call.family == .poll ? rows.indices.last : nil
        }
        return row.flatMap { rows[$0].segment?.direction == .toProgram && rows[$0].program == nil ? $0 : nil }
    }

    private mutating func addStep(_ index: Int, _ time: UInt64) {
        let step = conversation.steps[index]
        let name = names[step.client].map { $0 + " " } ?? ""
        let text = step.text(isOfDatagrams: datagramClients.contains(step.client))
        var label = Row.Label(name + text, isFailure: step.errno != nil)
        if [.send, .recv].contains(step.action) && step.count > 0 {
            let action = name + step.action.rawValue
            label.transfer = Transfer(name: action, connection: step.client, count: step.count)
        }
        if step.action == .connect {
            let begins = Row.Label(name + step.attempt)
            let last = add(time, .step(index), peer: begins)
            rows[last].peer = step.errno == nil ? Row.Label(name + "connected", isFaint: true) : label
        } else if let row = rowThatBrought(step, at: index) {
            rows[row].peer = label
        } else {
            add(time, .step(index), peer: label)
        }
    }

    /// The row of the segment that a peer has taken at once: it was waiting for it, or had nothing else to do
    /// and was about to.
    private func rowThatBrought(_ step: PeerStep, at index: Int) -> Int? {
        let ours = segments.indices.filter {
            segments[$0].connection == step.client && segments[$0].direction == .toPeer
                && segments[$0].time <= step.sent
        }
        guard let last = ours.last(where: { step.isBrought(by: segments[$0].kind) }), last == ours.last,
            let row = rowOfSegment[last], rows[row].peer == nil
        else { return nil }
        let sent = segments[last].time
        let before = conversation.steps[..<index].last { $0.client == step.client }?.began ?? 0
        return step.began < sent || before < sent && step.ended - sent < promptness ? row : nil
    }

    // MARK: - What waits

    private mutating func addWhatWaits() {
        for index in spans.indices where spans[index].last == nil {
            let call = conversation.calls[spans[index].call]
            // The end of the program is the end of its calls.
            if conversation.end != nil {
                spans[index].last = lastOfProgram
            } else {
                spans[index].last = rows.count
                rows.append(Row(program: Row.Label("\(call.name) waits on", isFaint: true)))
            }
        }
    }
}
