import Foundation
import Sockets
import Tracing

extension Subject {
    /// Keeps what the program and its peers did, where somebody has asked for it: `lab trace --check` draws
    /// it.
    func keepConversation() {
        guard let folder = ProcessInfo.processInfo.environment["LAB_CONVERSATIONS"] else { return }
        // What it did until now may still be on its way to us.
        let last = test.peers.steps.last?.began ?? 0
        _ = program.wait(.milliseconds(50)) { seen in
            seen.blockedCalls.contains { $0.time > last } || seen.ending != nil ? true : nil
        }
        let seen = seen
        let conversation = Conversation(
            commandLine: commandLine,
            peer: "the check",
            seen: seen,
            steps: test.peers.steps,
            ended: seen.ending.map { ($0, MonotonicTime.now) }
        )
        // Where it can't be kept, the verdict is the same.
        try? conversation.write(to: "\(folder)/\(test.check).json")
    }
}
