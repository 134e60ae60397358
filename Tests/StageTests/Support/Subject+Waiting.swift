import Sockets
import Supervision

/// Moments at which a check goes on.
extension Subject {
    /// Waits until the program has done what there is to do, and waits for more.
    func waitUntilItWaits() {
        var deadline = Deadline(Self.patience)
        while !program.isIdle(over: .milliseconds(5)), !deadline.hasPassed { deadline.charge() }
    }

    /// Waits until the program stands in send(2), since the buffers on the way are full; or waits for
    /// something else, as one does that never blocks there.
    func waitUntilSendBlocks() {
        var deadline = Deadline(.milliseconds(300))
        while !deadline.hasPassed, seen.ending == nil {
            let entered = seen.blockedCall(.send)?.time
            let isIdle = program.isIdle(over: .milliseconds(5))
            if isIdle, entered != nil, seen.blockedCall(.send)?.time == entered { return }
            deadline.charge()
        }
    }
}
