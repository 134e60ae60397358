import Results
import Synchronization

/// What the processes of a suite have told so far, put into the suite's order.
final class SuiteTally: Sendable {
    private struct State {
        var planned: [String] = []
        var results: [String: CheckResult] = [:]
        var running: Set<String> = []
        /// How many checks, from the first, have been handed out.
        var given = 0
        /// How many checks, from the first, have been passed on.
        var told = 0
    }

    private let state = Mutex(State())
    private let watch: @Sendable (CheckEvent) -> Void

    init(watch: @escaping @Sendable (CheckEvent) -> Void) {
        self.watch = watch
    }

    /// Takes an event, and passes it on; the end of a check when all before it have ended.
    func take(_ event: CheckEvent) {
        state.withLock { state in
            switch event {
            case .planned(let names):
                if state.planned.isEmpty { watch(event) }
                state.planned = names
            case .started(let name):
                state.running.insert(name)
                watch(event)
            case .ended(let result):
                state.running.remove(result.name)
                state.results[result.name] = result
                while state.told < state.planned.count, let next = state.results[state.planned[state.told]] {
                    watch(.ended(next))
                    state.told += 1
                }
            }
        }
    }

    /// The place of a check that nobody runs yet; nil where there is none left.
    func nextCheck() -> Int? {
        state.withLock { state in
            if state.given == state.planned.count { return nil }
            defer { state.given += 1 }
            return state.given
        }
    }

    /// Whether the first check passed; nil where it has not ended.
    var firstPassed: Bool? {
        state.withLock { state in
            state.planned.first.flatMap { state.results[$0] }.map { $0.outcome == .passed }
        }
    }

    /// The checks from the first to the one that failed; nil where none has.
    var untilFailure: [CheckResult]? {
        let ended = state.withLock { state in
            Array(state.planned.prefix { state.results[$0] != nil }.compactMap { state.results[$0] })
        }
        return ended.firstIndex { $0.outcome == .failed }.map { Array(ended[...$0]) }
    }

    /// Every check, in the suite's order.
    ///
    /// - Parameter said: what the suite wrote to standard error; its end tells why it crashed.
    /// - Throws: ``KitFailure`` where a check did not run to its end.
    func results(said: String) throws(KitFailure) -> [CheckResult] {
        let state = state.withLock { $0 }
        if state.results.isEmpty { throw KitFailure("no check ran:\n\(said.suffix(2000))") }
        // Half a verdict would be none: what did not run might have failed.
        if state.planned.contains(where: { state.results[$0] == nil }) {
            let place = state.running.sorted().joined(separator: ", ")
            throw KitFailure("the suite ended in the middle of \(place):\n\(said.suffix(1000))")
        }
        return state.planned.compactMap { state.results[$0] }
    }
}
