import Foundation
import ReferenceEcho
import Supervision

/// Which descriptor of the program was which connection, at each of its calls.
///
/// A connection has the name that its client's end has. The recorder does not tell that of a socket which the
/// program has connected itself: the reference server does, since it accepts in the same order.
struct Holdings {
    private struct Holder: Hashable {
        let process: Int32
        let descriptor: Int32
    }

    private var connections: [Int: String] = [:]
    private var lastCloses: Set<Int> = []
    private var releases: [Int: [String]] = [:]
    /// The connections that are still open when the program ends, and those that it has not accepted.
    let heldAtEnd: [String]
    let queuedAtEnd: [String]

    func connection(of call: Int) -> String? { connections[call] }

    /// Whether `call` closes the last descriptor of its connection: the kernel ends it then.
    func isLastClose(_ call: Int) -> Bool { lastCloses.contains(call) }

    /// The connections whose last descriptor was closed while `call` was still open on it: the kernel ends
    /// them when it returns.
    func released(by call: Int) -> [String] { releases[call, default: []] }

    init(_ conversation: Conversation) {
        var accepted = conversation.steps.filter { $0.action == .accept }.map(\.client)[...]
        var held: [Holder: String] = [:]
        var met: Set<String> = []
        /// By call, the connections that it was given: the kernel keeps them at least until it returns.
        var uses: [[String]] = []
        /// The connections that are closed and kept by a call which never returns.
        var kept: Set<String> = []
        for (index, call) in conversation.calls.enumerated() {
            let given = call.descriptors.map { Holder(process: call.process, descriptor: $0) }
            let holder = given.first
            uses.append(given.compactMap { held[$0] })
            // There are no connections then: each datagram has the name of the client's end all the same.
            if call.isOfDatagrams {
                connections[index] = call.otherEnd ?? conversation.steps.first?.client
                continue
            }
            switch call.family {
            case .accept:
                guard let result = call.result, result >= 0, let peer = call.arguments.dropFirst().first
                else { break }
                held[Holder(process: call.process, descriptor: Int32(result))] = peer
                connections[index] = peer
                met.insert(peer)
            case .connect:
                let isMade = call.result == 0 || [EINPROGRESS, EINTR].contains(call.errno ?? 0)
                let name = (isMade ? accepted.popFirst() : nil) ?? "attempt \(index)"
                connections[index] = name
                if isMade, let holder { held[holder] = name }
            case .dup:
                if let holder, let name = held[holder], let result = call.result, result >= 0 {
                    held[Holder(process: call.process, descriptor: Int32(result))] = name
                }
            case .fork:
                // The child has what its parent had.
                guard let child = call.result, child > 0 else { break }
                for (holder, name) in held where holder.process == call.process {
                    held[Holder(process: Int32(child), descriptor: holder.descriptor)] = name
                }
            case .close:
                guard let holder, let name = held.removeValue(forKey: holder) else { break }
                connections[index] = name
                if held.values.contains(name) { break }
                let users = uses.indices.dropLast().filter { uses[$0].contains(name) }
                let open = users.filter { conversation.calls[$0].isOpen(during: call) }
                let last = open.max { conversation.calls[$0].isOver(before: conversation.calls[$1]) }
                if let last, conversation.calls[last].ended == nil {
                    kept.insert(name)
                } else if let last {
                    releases[last, default: []].append(name)
                } else {
                    lastCloses.insert(index)
                }
            case .poll: break
            default:
                connections[index] = uses[index].first
            }
        }
        let connected = conversation.steps.filter { $0.action == .connect && $0.errno == nil }.map(\.client)
        heldAtEnd = kept.union(held.values).sorted()
        queuedAtEnd = connected.filter { !met.contains($0) }
    }
}

extension Call {
    /// Where a datagram went to, or came from, as the call tells it; nil where it does not.
    fileprivate var otherEnd: String? {
        let isTransfer = [.send, .recv].contains(family) && arguments.count > 4
        return isTransfer && arguments[4] != "-" ? arguments[4] : nil
    }

    /// The descriptors that it was given. Of epoll_wait(2), which keeps none of those it waits for, its own.
    fileprivate var descriptors: [Int32] {
        if family != .poll || name.contains("epoll") { return descriptor.map { [$0] } ?? [] }
        let events = arguments.count > 2 ? arguments[2].split(separator: " ") : []
        return events.compactMap { $0.split(separator: ":").first.flatMap { Int32($0) } }
    }

    /// Whether it was open in another thread when `close` closed its descriptor. (Where it came too late, the
    /// kernel has told so.)
    fileprivate func isOpen(during close: Call) -> Bool {
        thread != close.thread && errno != EBADF && ended ?? .max > close.began
    }

    fileprivate func isOver(before other: Call) -> Bool { ended ?? .max < other.ended ?? .max }
}
