import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// A call in words, as strace(1) has them: `recv(4, 4096) = 6  "hello\n"`. What a call fills in comes after
/// its result.
struct CallText {
    private let name: String
    private let arguments: [String]
    /// ` = 6  "hello\n"`: empty where it has not returned.
    let outcome: String

    init(_ call: Call) {
        name = call.name
        arguments = Self.arguments(of: call)
        outcome = Self.outcome(of: call)
    }

    /// The call and what came of it.
    var whole: String { entry + outcome }
    /// The call, which has not returned yet.
    var entry: String { "\(name)(\(arguments.joined(separator: ", ")))" }
    /// What came of it.
    var end: String { name + outcome }

    /// As ``whole``, in at most `limit` characters: the data goes first, then the arguments, the result last.
    func whole(limit: Int) -> String {
        if whole.count <= limit { return whole }
        let room = limit - (name + "()" + outcome).count
        return room > 0 ? "\(name)(\(Self.shortened(arguments, room)))\(outcome)" : cut(whole, limit)
    }

    func entry(limit: Int) -> String {
        if entry.count <= limit { return entry }
        return "\(name)(\(Self.shortened(arguments, max(1, limit - name.count - 2))))"
    }

    private static func shortened(_ arguments: [String], _ room: Int) -> String {
        let text = arguments.joined(separator: ", ")
        let excess = text.count - room
        guard let index = arguments.firstIndex(where: { $0.hasPrefix("\"") }),
            arguments[index].count - excess >= 5
        else { return cut(text, room) }
        var shorter = arguments
        shorter[index] = Tracing.shortened(data: arguments[index], arguments[index].count - excess)
        return shorter.joined(separator: ", ")
    }

    // MARK: What is shown of it

    private static func arguments(of call: Call) -> [String] {
        let all = call.arguments
        switch call.family {
        case .bind, .connect: return Array(all.prefix(2))
        case .accept, .getsockname, .getpeername: return Array(all.prefix(1))
        case .getaddrinfo: return all.prefix(2).map { $0 == "-" ? "NULL" : $0 }
        case .send where all.count > 4:
            return all.prefix(3) + all[3...4].filter { $0 != "0" && $0 != "-" }
        case .recv where all.count > 3:
            return [all[0], all[2]] + all[3...3].filter { $0 != "0" }
        case .poll where all.count > 2:
            if call.name.contains("epoll") { return [all[0], all[2]] }
            // With a time of 0 it is recorded on return alone, and what it asked for is not.
            let isEntry = call.ended == nil || all.count > 3
            return [isEntry ? all[2] : all[0], all[1]]
        default: return all
        }
    }

    private static func outcome(of call: Call) -> String {
        guard let result = call.result else { return "" }
        let wish =
            call.isOnRequest && (call.hasFailed || call.family != .getaddrinfo) ? " (by the check)" : ""
        if let errno = call.errno { return " = -1 \(Errno(errno).name)\(wish)" }
        let filled = call.filled.map { "  \($0)" } ?? ""
        if call.family == .getaddrinfo && result != 0 { return " =\(filled.dropFirst())\(wish)" }
        return " = \(result)\(filled)\(wish)"
    }
}

extension Call {
    /// What it has filled in for the program.
    fileprivate var filled: String? {
        let index: Int
        switch family {
        case .accept, .getsockname, .getpeername: index = 1
        case .recv:
            if result == 0 { return isOfDatagrams ? "an empty datagram" : "end of file" }
            index = 1
        case .poll: index = arguments.count - 1
        case .getaddrinfo:
            // The port is that of the service.
            let answer = arguments.count > 4 ? arguments[4].split(separator: ",") : []
            return answer.map { $0.prefix(upTo: $0.lastIndex(of: ":") ?? $0.endIndex) }.joined(separator: " ")
        default: return nil
        }
        return arguments.indices.contains(index) && arguments[index] != "-" ? arguments[index] : nil
    }
}

extension PeerStep {
    /// In the field's words: `send 6 bytes`.
    func text(isOfDatagrams: Bool) -> String {
        if let errno {
            return action == .connect ? Errno(errno).name : "\(action.rawValue) \(Errno(errno).name)"
        }
        switch action {
        case .recv where count == 0: return isOfDatagrams ? "recv 0 bytes" : "recv 0, the end"
        case .send, .recv: return "\(action.rawValue) \(byteCount(count))"
        default: return action.rawValue
        }
    }
}

/// `text` in at most `limit` characters.
func cut(_ text: String, _ limit: Int) -> String {
    text.count > limit ? text.prefix(max(0, limit - 1)) + "…" : text
}

/// `"hello wor"…`, of what the recorder quotes as `"hello world\n"`, in at most `limit` characters.
func shortened(data: String, _ limit: Int) -> String {
    if data.count <= limit { return data }
    var kept = data.dropFirst().prefix(max(0, limit - 3))
    // Half an escape says nothing.
    if let backslash = kept.lastIndex(of: "\\"), kept[backslash...].count < 4 { kept = kept[..<backslash] }
    return "\"\(kept)\"…"
}
