/// What a client does with one connection, step by step: a value, so that it can be played against two
/// servers.
public struct Script: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        case send([UInt8])
        /// Takes so many bytes, or fewer where the server ends.
        case receive(Int)
        /// Pauses until everything that was sent so far has come back.
        case receiveAllSent
        /// Ends our direction: the server gets a FIN.
        case halfClose
        /// Takes all that comes until the server ends.
        case receiveUntilEnd
        case reset
        case close
    }

    public var steps: [Step]

    public init(_ steps: [Step]) {
        self.steps = steps
    }

    /// A script that nobody thought of: sends pieces of random sizes, pauses in between or doesn't,
    /// and half-closes once everything has come back: what comes of a FIN that overtakes bytes is a matter of
    /// luck. The same seed gives the same script.
    ///
    /// - Parameters:
    ///   - seed: to be printed, so that a failure can be played again.
    ///   - count: how many pieces to send.
    ///   - total: the most bytes to send altogether.
    public static func random(seed: UInt64, count: Int = 12, total: Int = 60_000) -> Script {
        var generator = SeededGenerator(seed: seed)
        var steps: [Step] = []
        var left = total
        for _ in 0..<count where left > 0 {
            let size = min(left, randomSize(&generator))
            left -= size
            steps.append(.send(Payload.mixed(count: size, seed: generator.next())))
            if Bool.random(using: &generator) { steps.append(.receiveAllSent) }
        }
        return Script(steps + [.receiveAllSent, .halfClose, .receiveUntilEnd])
    }

    /// Small ones as often as large ones, and those around the sizes that buffers have.
    private static func randomSize(_ generator: inout SeededGenerator) -> Int {
        let range = [1...1, 2...20, 500...2000, 1023...1025, 4095...4097, 8191...8193, 20_000...70_000]
            .randomElement(using: &generator)
        return Int.random(in: range ?? 1...1, using: &generator)
    }
}

extension Script: CustomStringConvertible {
    /// A line for each step.
    public var description: String {
        steps.map { step in
            switch step {
            case .send(let bytes): "send \(describe(bytes))"
            case .receive(let count): "receive \(count)"
            case .receiveAllSent: "receive all sent"
            case .halfClose: "half-close"
            case .receiveUntilEnd: "receive until end"
            case .reset: "reset"
            case .close: "close"
            }
        }.joined(separator: "\n")
    }
}
