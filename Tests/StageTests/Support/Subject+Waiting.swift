import Sockets
import Supervision

/// Moments at which a check goes on.
extension Subject {
    /// Waits until the program has written a line to standard output, or has ended. False: neither, in time.
    @discardableResult
    func waitForLineOrEnd() -> Bool {
        program.wait(Self.patience) { $0.ending != nil || !$0.outputLines.isEmpty ? true : nil } ?? false
    }

    /// Waits for the program's end. Nil: it has not ended in time, or never will.
    var endingUnlessHopeless: Ending? {
        _ = program.wait(Self.patience) { $0.ending != nil || $0.goesRoundInCircles ? true : nil }
        return seen.ending
    }

    /// Waits until the program has done what there is to do, and waits for more. One that goes round in circles
    /// never does.
    func waitUntilItWaits(_ patience: Duration = patience) {
        var deadline = Deadline(patience)
        while !program.isIdle(over: .milliseconds(5)), !seen.goesRoundInCircles, !deadline.hasPassed {
            deadline.charge()
        }
    }
}
