import Foundation
import ReferenceEcho
import Supervision

/// Follows the connections of a conversation from call to call, and notes what each puts on the wire.
struct Wire {
    private(set) var segments: [Segment] = []
    private let conversation: Conversation
    private let holdings: Holdings

    /// The connections on which a side has said that it is at its end, and those that are broken.
    private var programEnded: Set<String> = []
    private var peerEnded: Set<String> = []
    private var broken: Set<String> = []
    /// The connections that the peer has met with ECONNRESET.
    private let seenBroken: Set<String>
    private let datagramClients: Set<String>

    init(_ conversation: Conversation) {
        self.conversation = conversation
        holdings = Holdings(conversation)
        seenBroken = Set(conversation.steps.filter { $0.errno == ECONNRESET }.map(\.client))
        datagramClients = conversation.datagramClients
    }

    mutating func advance(_ moment: Segment.Cause) {
        switch moment {
        case .call(let index):
            let call = conversation.calls[index]
            guard let connection = holdings.connection(of: index) else { break }
            if call.isOfDatagrams {
                sendDatagram(call, to: connection, moment)
            } else {
                advance(call, connection, moment, holdings.isLastClose(index))
            }
        case .step(let index): advance(conversation.steps[index], moment)
        case .returned(let index):
            let call = conversation.calls[index]
            if let connection = holdings.connection(of: index) { noteFailure(call, connection) }
            let time = (call.ended ?? 0) + 1
            for connection in holdings.released(by: index) { sayGoodbye(connection, time, moment) }
        case .end:
            let time = conversation.end?.time ?? 0
            for connection in holdings.heldAtEnd { sayGoodbye(connection, time, .end) }
            for connection in holdings.queuedAtEnd where broken.insert(connection).inserted {
                add(.rst, .toPeer, connection, time, .end)
            }
        case .kernel: break
        }
    }

    private mutating func add(
        _ kind: Segment.Kind,
        _ direction: Segment.Direction,
        _ connection: String,
        _ time: UInt64,
        _ cause: Segment.Cause
    ) {
        segments.append(
            Segment(kind: kind, direction: direction, connection: connection, time: time, cause: cause)
        )
    }

    // MARK: The program

    private mutating func advance(
        _ call: Call,
        _ connection: String,
        _ moment: Segment.Cause,
        _ isLastClose: Bool
    ) {
        // A call that was made to fail has not touched the socket, apart from these.
        if call.isOnRequest && call.hasFailed && ![.connect, .close].contains(call.family) { return }
        switch call.family {
        case .connect: connect(call, connection, moment)
        case .send where (call.result ?? 0) > 0:
            add(.data(call.result ?? 0, call.data ?? ""), .toPeer, connection, call.began, moment)
        case .shutdown where call.endsSending:
            if programEnded.insert(connection).inserted {
                add(.fin, .toPeer, connection, call.began, moment)
            }
        case .close where isLastClose: sayGoodbye(connection, call.began, moment)
        default: break
        }
    }

    /// An empty one is on the wire too. Of UDP no other call puts anything there.
    private mutating func sendDatagram(_ call: Call, to connection: String, _ moment: Segment.Cause) {
        guard call.family == .send, let count = call.result, count >= 0 else { return }
        add(.data(count, call.data ?? ""), .toPeer, connection, call.began, moment)
    }

    private mutating func connect(_ call: Call, _ connection: String, _ moment: Segment.Cause) {
        let isUnderWay = [EINPROGRESS, EINTR].contains(call.errno ?? 0)
        let isRefused = call.errno == ECONNREFUSED && !call.isOnRequest
        guard call.result == 0 || isUnderWay || isRefused || call.ended == nil else { return }
        add(.syn, .toPeer, connection, call.began, moment)
        if call.result == 0 || isUnderWay {
            add(.synAck, .toProgram, connection, call.began, moment)
            add(.ack, .toPeer, connection, call.began, moment)
        } else if call.ended != nil {
            add(.rst, .toProgram, connection, call.began, moment)
        }
    }

    /// The program learns that the connection is broken. Where it is the peer that has broken it, that was
    /// noted; else it was the kernel, because the peer is gone.
    private mutating func noteFailure(_ call: Call, _ connection: String) {
        guard [.send, .recv].contains(call.family), !call.isOnRequest else { return }
        let tells = call.errno == ECONNRESET || call.errno == EPIPE && !programEnded.contains(connection)
        guard tells, broken.insert(connection).inserted else { return }
        add(.rst, .toProgram, connection, call.ended ?? call.began, .kernel)
    }

    /// The last descriptor of a connection is closed: by a FIN, or by a RST where bytes were left unread.
    private mutating func sayGoodbye(_ connection: String, _ time: UInt64, _ cause: Segment.Cause) {
        if broken.contains(connection) { return }
        if seenBroken.contains(connection) {
            broken.insert(connection)
            add(.rst, .toPeer, connection, time, cause)
        } else if programEnded.insert(connection).inserted {
            add(.fin, .toPeer, connection, time, cause)
        }
    }

    // MARK: The peer

    private mutating func advance(_ step: PeerStep, _ moment: Segment.Cause) {
        let connection = step.client
        switch step.action {
        case .connect:
            add(.syn, .toProgram, connection, step.began, moment)
            if step.errno == nil {
                add(.synAck, .toPeer, connection, step.began, moment)
                add(.ack, .toProgram, connection, step.began, moment)
            } else if step.errno == ECONNREFUSED {
                add(.rst, .toPeer, connection, step.began, moment)
            }
        case .accept: break
        case .send where step.errno == nil:
            add(.data(step.count, quoted(step)), .toProgram, connection, step.began, moment)
        case .shutdown, .close:
            if broken.contains(connection) || !peerEnded.insert(connection).inserted { break }
            add(.fin, .toProgram, connection, step.began, moment)
        case .reset:
            if broken.insert(connection).inserted { add(.rst, .toProgram, connection, step.began, moment) }
        case .send, .recv: noteEnd(step)
        }
    }

    /// The peer learns that the program's side has ended. Where no call has told so, the kernel did it: at
    /// the end of the program, for one.
    private mutating func noteEnd(_ step: PeerStep) {
        let connection = step.client
        if datagramClients.contains(connection) { return }
        if step.errno == nil && step.count == 0 {
            if broken.contains(connection) || !programEnded.insert(connection).inserted { return }
            add(.fin, .toPeer, connection, step.ended, .kernel)
        } else if step.errno != nil, broken.insert(connection).inserted {
            add(.rst, .toPeer, connection, step.sent, .kernel)
        }
    }
}

/// The first bytes that were moved, as the recorder quotes them.
func quoted(_ step: PeerStep) -> String {
    let text = step.data.map { byte -> String in
        switch byte {
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
        case 0x20..<0x7F: String(UnicodeScalar(byte))
        default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
    return "\"\(text.joined())\"" + (step.count > step.data.count ? "…" : "")
}

extension Call {
    /// Whether it is a shutdown(2) that has put a FIN on the wire.
    var endsSending: Bool { family == .shutdown && result == 0 && arguments.last != "SHUT_RD" }

    /// The first bytes that were moved, as the recorder quotes them; nil where there are none.
    var data: String? {
        guard [.send, .recv].contains(family), arguments.count > 1, arguments[1] != "-" else { return nil }
        return arguments[1]
    }
}
