import Foundation
import ReferenceEcho
import Supervision

extension Call {
    /// In a row of its own.
    ///
    /// - Parameter client: the name of its client, where it is to be told from others.
    func whole(of client: String? = nil) -> Row.Label {
        let text = CallText(self)
        let mark = client.map { " " + $0 } ?? ""
        return Row.Label(text.whole + mark, isFailure: hasFailed) {
            text.whole(limit: $0 - mark.count) + mark
        }
    }

    /// The addresses that getaddrinfo(3) has found, where they need a row of their own: they are what counts.
    var longAnswer: Row.Label? {
        let text = CallText(self)
        if family != .getaddrinfo || text.whole.count <= Row.longest { return nil }
        return Row.Label(" " + text.outcome, isFailure: hasFailed)
    }

    /// How many bytes it has moved, if any.
    var moved: Int? {
        guard [.send, .recv].contains(family), let result, result > 0 else { return nil }
        return result
    }

    /// Where it begins to wait.
    var entry: Row.Label {
        let text = CallText(self)
        return Row.Label(text.entry) { text.entry(limit: $0) }
    }

    /// Where it has waited.
    func end(of client: String? = nil) -> Row.Label {
        let text = CallText(self)
        let mark = client.map { " " + $0 } ?? ""
        return Row.Label(text.whole + mark, isFailure: hasFailed) {
            cut(text.end, $0 - mark.count) + mark
        }
    }

    /// Whether it is drawn from its entry to its return: it waited, and something else happened meanwhile.
    ///
    /// - Parameter moments: when everything that happened did.
    func isSpan(among moments: [UInt64]) -> Bool {
        guard let ended else { return true }
        if began == ended { return false }
        let waited = moments.contains { $0 > began && $0 < ended }
        switch family {
        case .recv, .accept, .poll: return waited
        case .connect: return errno.map { [ECONNREFUSED, EINPROGRESS, EINTR].contains($0) } ?? true
        // The peer may have what is sent before send(2) returns: that is no waiting.
        case .send: return waited && ended - began > promptness
        default: return false
        }
    }

    /// Whether a segment of this kind is what it waits for.
    func isWoken(by kind: Segment.Kind) -> Bool {
        switch kind {
        case .ack: family == .accept
        case .data, .fin, .rst: family == .recv
        case .syn, .synAck: false
        }
    }
}

extension PeerStep {
    /// Where it begins to connect.
    var attempt: String {
        "connect" + (server.flatMap { $0.split(separator: ":").last }.map { " :\($0)" } ?? "")
    }

    /// Whether a segment of this kind is what it tells of.
    func isBrought(by kind: Segment.Kind) -> Bool {
        switch kind {
        case .ack: action == .accept
        case .data(let sent, _): action == .recv && (count > 0 || sent == 0)
        case .fin: action == .recv && count == 0 && errno == nil
        case .rst: errno != nil
        case .syn, .synAck: false
        }
    }
}
