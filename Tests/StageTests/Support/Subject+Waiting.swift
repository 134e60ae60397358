import Sockets
import Supervision

/// Moments at which a check goes on.
extension Subject {
    /// Waits until the program has written a line to standard output, or has ended. False: neither, in time.
    @discardableResult
    func waitForLineOrEnd() -> Bool {
        program.wait(Self.patience) { $0.ending != nil || !$0.outputLines.isEmpty ? true : nil } ?? false
    }

    /// Waits until the program has done what there is to do, and waits for more.
    func waitUntilItWaits() {
        var deadline = Deadline(Self.patience)
        while !program.isIdle(over: .milliseconds(5)), !deadline.hasPassed { deadline.charge() }
    }
}
