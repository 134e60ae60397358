import EchoService
import Foundation
import Sockets

/// The events of a server, in their order. A test waits here for what it expects, in place of sleeping.
public final class EventLog: @unchecked Sendable {
    // Unchecked, since the compiler doesn't see that `condition` guards `recorded`.
    private let condition = NSCondition()
    private var recorded: [EchoEvent] = []

    public var events: [EchoEvent] {
        condition.withLock { recorded }
    }

    /// Waits until the events are as `isReached` says, or `deadline` has passed.
    ///
    /// - Returns: whether they are.
    public func wait(until deadline: inout Deadline, _ isReached: ([EchoEvent]) -> Bool) -> Bool {
        condition.withLock {
            while !isReached(recorded) {
                if deadline.hasPassed { return false }
                _ = condition.wait(until: Date(timeIntervalSinceNow: Double(deadline.slice) / 1000))
                deadline.charge()
            }
            return true
        }
    }

    /// Waits until `event` has happened, for at most `patience`. Returns whether it has.
    public func wait(for event: EchoEvent, patience: Duration = .seconds(5)) -> Bool {
        var deadline = Deadline(patience)
        return wait(until: &deadline) { $0.contains(event) }
    }

    func append(_ event: EchoEvent) {
        condition.withLock {
            recorded.append(event)
            condition.broadcast()
        }
    }
}
