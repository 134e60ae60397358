import ReferenceEcho
import Supervision

@testable import Tracing

/// A conversation as the recorder and the peers' log tell it.
func conversation(_ records: [String], _ steps: [PeerStep]) -> Conversation {
    let calls = Call.calls(in: records.compactMap { SocketCall($0.utf8) })
    return Conversation(commandLine: "send-recv 0", peer: "a client", calls: calls, steps: steps)
}

/// - Parameter time: in hundredths of a millisecond.
func step(
    _ action: PeerStep.Action,
    _ time: UInt64,
    _ bytes: String = "",
    client: String = "127.0.0.1:5"
) -> PeerStep {
    PeerStep(
        action,
        client: client,
        server: action == .connect ? "127.0.0.1:7" : nil,
        began: time * 10_000,
        ended: time * 10_000,
        bytes: Array(bytes.utf8)
    )
}

/// Who has sent what.
func described(_ segments: [Segment]) -> [String] {
    segments.map { "\($0.direction == .toPeer ? "program" : "client") \($0.full)" }
}
