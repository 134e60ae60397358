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
    /// byte a call takes its time: it has as long as it may be silent, again after each byte.
    func waitForOutput(_ count: Int) {
        var (written, silence) = (0, Deadline(Self.patience))
        _ = program.wait(Self.patience * 10) { seen in
            silence.charge()
            if seen.output.count > written {
                (written, silence) = (seen.output.count, Deadline(Self.patience))
            }
            return written >= count || seen.ending != nil || seen.goesRoundInCircles || silence.hasPassed
                ? true : nil
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
