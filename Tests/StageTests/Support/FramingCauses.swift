import ReferenceEcho
import Supervision

/// Why lines were not answered as they came, where what came back, or the record of the calls, points to it.
struct FramingCause {
    let text: String?

    /// - Parameters:
    ///   - received: what came back, cut off where as much had come as was due.
    ///   - sent: what it is the answer to.
    init(_ received: Received, to sent: [UInt8], _ seen: Observation) {
        let (came, due) = (received.bytes, sent.inCapitals)
        text =
            Self.newlines(came, due) ?? Self.parts(came, due, received.ending, seen)
            ?? Self.omissions(came, due)
    }

    private static let newline = UInt8(ascii: "\n")

    private static func newlines(_ came: [UInt8], _ due: [UInt8]) -> String? {
        let common = zip(came, due).prefix { $0 == $1 }.count
        if common < came.count, came[common] == newline {
            let rest = came[(common + 1)...]
            if due[common...].starts(with: rest), common == due.count || !rest.isEmpty {
                return "a newline came back that was not sent"
            }
        }
        if due.last == newline, came + [newline] == due {
            return "the newline is part of the line, and goes back with it"
        }
        return nil
    }

    /// Lines that lack what came in another call of recv(2), or behind a newline.
    private static func parts(
        _ came: [UInt8],
        _ due: [UInt8],
        _ ending: ReferenceEcho.Ending,
        _ seen: Observation
    ) -> String? {
        // It has heard of the end. Of one that closes before that, a FIN may come first, and then the RST.
        let hasHeard = seen.calls(.recv).last?.result == 0
        if hasHeard, due.last != newline, ending == .endOfFile, came == due.prefix(through: newline) {
            return
                "the client's end of file ends a line, too: what came after the last newline was not answered"
        }
        guard due.last == newline, !came.isEmpty, came.count < due.count, ending == .stillOpen else {
            return nil
        }
        if came == due.prefix(while: { $0 != newline }) + [newline] {
            return "what one recv(2) brings may be several lines: after the first newline there is more"
        }
        let last = seen.calls(.recv).last { ($0.result ?? 0) > 0 }?.result
        if last == came.count, due.suffix(came.count) == came[...] {
            return "the start is missing: it came with an earlier recv(2), and belongs to the same line"
        }
        return nil
    }

    /// Bytes that are left out wherever they stand.
    private static func omissions(_ came: [UInt8], _ due: [UInt8]) -> String? {
        if came.count >= due.count || came.isEmpty { return nil }
        if came == due.filter({ $0 != UInt8(ascii: "\r") }) {
            return "the byte 0x0D, \\r, was left out: it is one like any other"
        }
        let lines = due.split(separator: newline).map { $0 + [newline] }
        return came == Array(lines.joined()) ? "an empty line was left out: it is a line, too" : nil
    }
}

extension [UInt8] {
    /// All up to the last `byte`, it included; none where there is none.
    fileprivate func prefix(through byte: UInt8) -> [UInt8] {
        lastIndex(of: byte).map { Array(self[...$0]) } ?? []
    }
}
