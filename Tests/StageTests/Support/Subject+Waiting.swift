import Sockets
import Supervision

/// Moments at which a check goes on.
extension Subject {
    /// Waits until the program has written a line to standard output, or has ended. False: neither, in time.
    @discardableResult
    func waitForLineOrEnd() -> Bool {
        program.wait(Self.patience) { $0.ending != nil || !$0.outputLines.isEmpty ? true : nil } ?? false
    }

    /// Waits until the program has written `count` bytes to standard output, or never will. One that moves a
    /// byte a call takes its time: as long as more comes, it is given as much time again.
    func waitForOutput(_ count: Int) {
        var before = -1
        var renewals = 10
        while seen.output.count > before, renewals > 0 {
            before = seen.output.count
            renewals -= 1
            let isOver = program.wait(Self.patience) { seen in
                seen.output.count >= count || seen.ending != nil || seen.goesRoundInCircles ? true : nil
            }
            if isOver != nil { return }
        }
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
