import Foundation
import ReferenceEcho
import Supervision

/// Which descriptor of the program was which connection, at each of its calls.
///
/// A connection has the name that its client's end has. The recorder does not tell that of a socket which the
/// program has connected itself: the reference server does, since it accepts in the same order.
struct Holdings {
    fileprivate struct Holder: Hashable {
        let process: Int32
        let descriptor: Int32
    }

    private var connections: [Int: String] = [:]
    private var lastCloses: Set<Int> = []
    private var releases: [Int: [String]] = [:]
    /// The connections of the descriptors that are open.
    private var held: [Holder: String] = [:]
    /// The connections that are closed and kept by a call which never returns.
    private var kept: Set<String> = []
    private var accepted: Set<String> = []
    /// By call, the connections that it was given: the kernel keeps them at least until it returns.
    private var uses: [[String]] = []
    private let conversation: Conversation

    init(_ conversation: Conversation) {
        self.conversation = conversation
        var served = conversation.steps.filter { $0.action == .accept }.map(\.client)[...]
        for (index, call) in conversation.calls.enumerated() { follow(call, index, &served) }
    }

    func connection(of call: Int) -> String? { connections[call] }

    /// Whether `call` closes the last descriptor of its connection: the kernel ends it then.
    func isLastClose(_ call: Int) -> Bool { lastCloses.contains(call) }

    /// The connections whose last descriptor was closed while `call` was still open on it: the kernel ends
    /// them when it returns.
    func released(by call: Int) -> [String] { releases[call, default: []] }

    /// The connections that are still open when the program ends.
    var heldAtEnd: [String] { kept.union(held.values).sorted() }

    /// Those that it has not accepted.
    var queuedAtEnd: [String] {
        conversation.steps.filter { $0.action == .connect && $0.errno == nil }.map(\.client)
            .filter { !accepted.contains($0) }
    }

    // MARK: - Call by call

    /// - Parameter served: the connections that the kit's own server has still to accept.
    private mutating func follow(_ call: Call, _ index: Int, _ served: inout ArraySlice<String>) {
        let given = call.descriptors.map { Holder(process: call.process, descriptor: $0) }
        uses.append(given.compactMap { held[$0] })
        // There are no connections then: each datagram has the name of the client's end all the same.
        if call.isOfDatagrams {
            connections[index] = call.otherEnd ?? conversation.steps.first?.client
            return
        }
        switch call.family {
        case .accept:
            guard let holder = call.made, let peer = call.arguments.dropFirst().first else { break }
            held[holder] = peer
            connections[index] = peer
            accepted.insert(peer)
        case .connect:
            let isMade = call.result == 0 || [EINPROGRESS, EINTR].contains(call.errno ?? 0)
            let name = (isMade ? served.popFirst() : nil) ?? "attempt \(index)"
            connections[index] = name
            if isMade, let holder = given.first { held[holder] = name }
        case .dup:
            if let name = given.first.flatMap({ held[$0] }), let copy = call.made { held[copy] = name }
        case .fork:
            // The child has what its parent had.
            guard let child = call.result, child > 0 else { break }
            for (holder, name) in held where holder.process == call.process {
                held[Holder(process: Int32(truncatingIfNeeded: child), descriptor: holder.descriptor)] = name
            }
        case .close:
            if let name = given.first.flatMap({ held.removeValue(forKey: $0) }) { close(name, call, index) }
        case .poll: break
        default:
            connections[index] = uses[index].first
        }
    }

    private mutating func close(_ name: String, _ call: Call, _ index: Int) {
        connections[index] = name
        if held.values.contains(name) { return }
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
    }
}

extension Call {
    /// Where a datagram went to, or came from, as the call tells it; nil where it does not.
    fileprivate var otherEnd: String? {
        let isTransfer = [.send, .recv].contains(family) && arguments.count > 4
        return isTransfer && arguments[4] != "-" ? arguments[4] : nil
    }

    /// The descriptor that it made.
    fileprivate var made: Holdings.Holder? {
        guard let result, result >= 0 else { return nil }
        return Holdings.Holder(process: process, descriptor: Int32(truncatingIfNeeded: result))
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
