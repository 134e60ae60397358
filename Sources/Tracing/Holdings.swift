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
    /// The connections that are still open when the program ends, and those that it has not accepted.
    let heldAtEnd: [String]
    let queuedAtEnd: [String]

    func connection(of call: Int) -> String? { connections[call] }

    /// Whether `call` closes the last descriptor of its connection: the kernel ends it then.
    func isLastClose(_ call: Int) -> Bool { lastCloses.contains(call) }

    init(_ conversation: Conversation) {
        var accepted = conversation.steps.filter { $0.action == .accept }.map(\.client)[...]
        var held: [Holder: String] = [:]
        var met: Set<String> = []
        for (index, call) in conversation.calls.enumerated() {
            let holder = call.descriptor.map { Holder(process: call.process, descriptor: $0) }
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
                if !held.values.contains(name) { lastCloses.insert(index) }
            default:
                connections[index] = holder.flatMap { held[$0] }
            }
        }
        let connected = conversation.steps.filter { $0.action == .connect && $0.errno == nil }.map(\.client)
        heldAtEnd = Set(held.values).sorted()
        queuedAtEnd = connected.filter { !met.contains($0) }
    }
}

extension Call {
    /// Where a datagram went to, or came from, as the call tells it; nil where it does not.
    fileprivate var otherEnd: String? {
        let isTransfer = [.send, .recv].contains(family) && arguments.count > 4
        return isTransfer && arguments[4] != "-" ? arguments[4] : nil
    }
}
