import Results
import Supervision
import Synchronization

/// One of the processes of a suite.
final class SuiteProcess: Sendable {
    let program: RunningProgram
    /// How many of its lines have been read, and whether it is to be told a check.
    private let state = Mutex<(read: Int, isFree: Bool)>((0, false))

    init(_ program: RunningProgram) {
        self.program = program
    }

    /// Waits until it is to be told a check, and passes on what it tells. False: it is gone.
    func waitUntilFree(telling tally: SuiteTally) -> Bool {
        state.withLock { state in
            while !state.isFree {
                let read = state.read
                let lines = program.wait(Self.longestCheck) { seen in
                    seen.channelLines.count > read ? seen.channelLines : nil
                }
                guard let lines else { return false }
                for event in lines[read...].compactMap(CheckEvent.init(line:)) {
                    tally.take(event)
                    if case .started = event { continue }
                    state.isFree = true
                }
                state.read = lines.count
            }
            return true
        }
    }

    /// Has it run a check that nobody runs yet. False: there is none.
    @discardableResult
    func runNextCheck(of tally: SuiteTally) -> Bool {
        guard let place = tally.nextCheck() else { return false }
        state.withLock { $0.isFree = false }
        let first = tally.firstPassed.map { $0 ? " passed" : " failed" } ?? ""
        // One that is gone is missed when the results are asked for.
        try? program.send("\(place)\(first)\n".utf8)
        return true
    }

    /// Above what any check's own deadlines add up to.
    private static let longestCheck = Duration.seconds(120)
}
