import Foundation
import ReferenceEcho
import Supervision

/// What a program and its peers did, each in its own words, by one clock.
public struct Conversation: Codable, Hashable, Sendable {
    /// The program as a student would type it: `send-recv 0`.
    public var commandLine: String
    /// What its peers are: `a client`, `the reference server`.
    public var peer: String
    /// The program's socket calls, in the order in which they began.
    public var calls: [Call]
    /// What its peers did, in the order in which it was done.
    public var steps: [PeerStep]
    /// The signals that it was sent, in their order.
    public var signals: [SentSignal]
    public var end: End?
    /// What else is to be told, in sentences.
    public var remarks: [String]

    /// The end of the program, where it ended by itself.
    public struct End: Codable, Hashable, Sendable {
        /// In nanoseconds of the monotonic clock.
        public var time: UInt64
        /// `exit 0`, `killed by SIGPIPE`.
        public var text: String
        /// Whether it is anything but an exit with status 0.
        public var isFailure: Bool

        public init(time: UInt64, text: String, isFailure: Bool) {
            self.time = time
            self.text = text
            self.isFailure = isFailure
        }
    }

    public init(
        commandLine: String,
        peer: String,
        calls: [Call],
        steps: [PeerStep],
        signals: [SentSignal] = [],
        end: End? = nil,
        remarks: [String] = []
    ) {
        self.commandLine = commandLine
        self.peer = peer
        self.calls = calls
        self.steps = steps
        self.signals = signals
        self.end = end
        self.remarks = remarks
    }

    /// What was seen of a program.
    ///
    /// - Parameters:
    ///   - seen: the program, observed.
    ///   - ended: how it ended, and when that was noticed; nil where it ran on, or was ended by the kit.
    public init(
        commandLine: String,
        peer: String,
        seen: Observation,
        steps: [PeerStep],
        ended: (Supervision.Ending, time: UInt64)? = nil
    ) {
        let calls = Call.calls(in: seen.records)
        let steps = Self.steps(steps, with: calls)
        self.init(
            commandLine: commandLine,
            peer: peer,
            calls: Self.withoutTheMiddle(calls),
            steps: Self.withoutTheMiddle(steps),
            signals: seen.signals
        )
        putCausesFirst()
        if let ended {
            // What a peer saw of the end, it saw before us.
            let last = calls.map { $0.ended ?? $0.began }.max() ?? 0
            let seenByPeer = steps.first { $0.tellsEnd && $0.ended > last }.map { $0.ended - 1 }
            // A call of exit(3) was recorded, a return from main was not.
            let exit = self.calls.lastIndex { $0.family == .exit && $0.process == calls.first?.process }
                .map { self.calls.remove(at: $0).began }
            end = End(ended.0, at: exit ?? min(ended.time, seenByPeer ?? .max))
        }
        if calls.contains(where: { $0.family == .getaddrinfo && $0.isOnRequest && !$0.hasFailed }) {
            remarks.append("What getaddrinfo answers here is the kit's own, for every name.")
        }
        if self.calls.count < calls.count - 1 {
            remarks.append("Of its \(calls.count) calls, those in the middle were not kept.")
        }
        if let words = seen.lastWords { remarks.append(words) }
        if !seen.recorderLoaded { remarks.append("The program's calls could not be recorded.") }
    }

    /// The steps of those clients that came to the program of these calls, and not to another one.
    private static func steps(_ steps: [PeerStep], with calls: [Call]) -> [PeerStep] {
        func port(_ address: String?) -> Substring? { address?.split(separator: ":").last }
        let ours = calls.filter { [.bind, .getsockname].contains($0.family) }
            .compactMap { port($0.arguments.dropFirst().first) }
        if ours.isEmpty { return steps }
        let strangers = steps.filter { step in port(step.server).map { !ours.contains($0) } ?? false }
        return steps.filter { step in !strangers.contains { $0.client == step.client } }
    }

    /// shutdown(2) and close(2) are recorded when they return: a peer may have met the end of the connection
    /// before.
    private mutating func putCausesFirst() {
        let holdings = Holdings(self)
        for step in steps where step.tellsEnd {
            let cause = calls.indices.first {
                holdings.connection(of: $0) == step.client
                    && (calls[$0].endsSending || holdings.isLastClose($0))
            }
            if let cause, calls[cause].began >= step.ended { calls[cause].began = step.ended - 1 }
        }
    }

    /// A program that makes a call for each byte makes them by the hundred thousand.
    private static func withoutTheMiddle<Element>(_ list: [Element]) -> [Element] {
        let limit = 1000
        return list.count > limit ? Array(list.prefix(limit / 2) + list.suffix(limit / 2)) : list
    }
}

extension Conversation {
    /// The clients that speak by datagrams: where the program does, those that have no connection.
    var datagramClients: Set<String> {
        if !calls.contains(where: \.isOfDatagrams) { return [] }
        let connected = steps.filter { [.connect, .accept].contains($0.action) }.map(\.client)
        return Set(steps.map(\.client)).subtracting(connected)
    }
}

extension Conversation.End {
    init(_ ending: Supervision.Ending, at time: UInt64) {
        self.time = time
        isFailure = ending != .exited(0)
        text =
            switch ending {
            case .exited(let status): "exit \(status)"
            case .signalled(let number): "killed by \(signalName(number))"
            case .limit: "ended by the kit"
            }
    }
}

extension Observation {
    /// The last line on standard error of a program that failed. One that the kit has ended has not.
    fileprivate var lastWords: String? {
        if ending == nil || ending == .exited(0) || ending == .signalled(SIGKILL) { return nil }
        let lines = errorText.split(separator: "\n")
        let trap = lines.first { $0.contains("Fatal error") }
        return (trap ?? lines.last).map { "On standard error: \($0)" }
    }
}

extension PeerStep {
    /// Whether the peer has learnt that the program's side is at its end.
    var tellsEnd: Bool { action == .recv && count == 0 || errno != nil && action != .connect }
}
