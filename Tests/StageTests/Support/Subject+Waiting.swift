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
        waitUnlessHopeless(Self.patience * 10) { seen in
            silence.charge()
            if seen.output.count > written {
                (written, silence) = (seen.output.count, Deadline(Self.patience))
            }
            return written >= count || silence.hasPassed
        }
    }

    /// Waits until `condition` holds, or never will: the program has ended, or goes round in circles.
    func waitUnlessHopeless(_ patience: Duration = patience, for condition: (Observation) -> Bool) {
        var hope = Hope()
        _ = program.wait(patience) { seen in
            condition(seen) || seen.ending != nil || hope.isLost(seen) ? true : nil
        }
    }

    /// Waits for the program's end. Nil: it has not ended in time, or never will.
    var endingUnlessHopeless: Ending? {
        waitUnlessHopeless { _ in false }
        return seen.ending
    }

    /// Waits until the program has done what there is to do, and waits for more. One that goes round in circles
    /// never does.
    func waitUntilItWaits(_ patience: Duration = patience) {
        var (deadline, hope) = (Deadline(patience), Hope())
        while !program.isIdle(over: .milliseconds(5)), !hope.isLost(seen), !deadline.hasPassed {
            deadline.charge()
        }
    }

    /// What a peer asks again and again while it waits for the program: whether to give up.
    func hopelessness() -> () -> Bool {
        var hope = Hope()
        return { hope.isLost(seen) }
    }
}

/// Whether more can be expected of a program: not once it has gone round in circles for a while. For a moment one
/// thread of it may, before another comes to its end.
struct Hope {
    private var rest = Self.whole
    private static var whole: Deadline { Deadline(.milliseconds(500)) }

    mutating func isLost(_ seen: Observation) -> Bool {
        if seen.goesRoundInCircles { rest.charge() } else { rest = Self.whole }
        return rest.hasPassed
    }
}
