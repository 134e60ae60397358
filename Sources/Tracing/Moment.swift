import ReferenceEcho

/// A moment of a conversation at which there is something to draw.
struct Moment {
    /// Numbers are places in the conversation's calls, steps and signals, and among its segments.
    enum Event {
        /// A call that is over before anything else happens.
        case call(Int)
        case entry(Int)
        case end(Int)
        case step(Int)
        case exit
        /// A signal that came from outside.
        case signal(Int)
        /// A segment that no call of the time has sent.
        case segment(Int)
    }

    let time: UInt64
    let event: Event

    /// All of them, in their order.
    static func all(of conversation: Conversation, _ segments: [Segment]) -> [Moment] {
        let others =
            conversation.steps.map(\.sent) + conversation.calls.map(\.began)
            + conversation.signals.map(\.time)
        var moments: [Moment] = []
        for (index, segment) in segments.enumerated() {
            switch segment.cause {
            case .kernel, .returned: moments.append(Moment(time: segment.time, event: .segment(index)))
            case .call, .step, .end: break
            }
        }
        for (index, call) in conversation.calls.enumerated() {
            if call.isSpan(among: others) {
                moments.append(Moment(time: call.began, event: .entry(index)))
                if let ended = call.ended { moments.append(Moment(time: ended, event: .end(index))) }
            } else {
                moments.append(Moment(time: call.began, event: .call(index)))
            }
        }
        for (index, step) in conversation.steps.enumerated() {
            moments.append(Moment(time: step.sent, event: .step(index)))
        }
        for (index, signal) in conversation.signals.enumerated() {
            moments.append(Moment(time: signal.time, event: .signal(index)))
        }
        if let end = conversation.end { moments.append(Moment(time: end.time, event: .exit)) }
        // At the same time, what brings something comes before who takes it.
        return moments.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
    }
}
