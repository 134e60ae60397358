import CSupervision
import Foundation
import Sockets

/// A program that was started, and is ended, with all that it started itself, when this is deinitialised at
/// the latest.
///
/// Between the kit and the program stands its warden (see CSupervision): when the kit is killed, it ends the
/// program. On macOS it finds only what stays in the program's process group, and doesn't measure memory and
/// processes.
public final class RunningProgram: Sendable {
    public let launch: Launch
    public var processIdentifier: pid_t { household.program }
    let household: Household
    private let attendant: Attendant

    /// Starts the program; it has begun to run when this returns.
    public init(_ launch: Launch) throws(LaunchError) {
        var pipes = try Pipes(for: launch)
        household = try launch.start(with: &pipes)
        self.launch = launch
        attendant = Attendant(launch, household, pipes)
        attendant.start()
    }

    deinit {
        end(.kill)
    }

    // MARK: Input

    /// Why standard input did not take all bytes.
    public enum InputError: Error, Hashable {
        /// Nobody reads it any more (EPIPE), or it was closed here.
        case closed
        /// The program did not read on in time.
        case timedOut
    }

    /// Writes to standard input, and returns when the pipe has taken all bytes.
    public func send(
        _ bytes: some Collection<UInt8>,
        within allowance: Duration = .seconds(10)
    ) throws(InputError) {
        var deadline = Deadline(allowance)
        var rest = ArraySlice(Array(bytes))
        while !rest.isEmpty {
            let (count, code) = attendant.write(rest)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if code == EAGAIN {
                if deadline.hasPassed { throw .timedOut }
                attendant.waitForRoom(deadline.slice)
                deadline.charge()
            } else if code != EINTR {
                throw .closed
            }
        }
    }

    /// Whether the program has read all that was sent, and standard input has not been closed here.
    public var hasReadInput: Bool { attendant.hasReadInput }

    /// Ends standard input: the program reads end of file. On a terminal, what Ctrl-D does at the start of a
    /// line.
    public func closeInput() {
        attendant.closeInput()
    }

    // MARK: Observing

    /// What has been seen up to now.
    public var observed: Observation { attendant.observed().observation }

    /// Waits until `condition` has a value for what is seen, and returns it. It is asked at every change, and
    /// every 50 milliseconds, so it may look at anything else too.
    ///
    /// - Returns: Nil when `allowance` has passed, or the program is over and the condition still has no
    ///   value.
    public func wait<Value>(
        _ allowance: Duration,
        until condition: (Observation) throws -> Value?
    ) rethrows -> Value? {
        var deadline = Deadline(allowance)
        while true {
            let version: Int
            do {
                // Let go of before the wait: while it is held, each record that comes copies all before it.
                let (observation, current) = attendant.observed()
                if let value = try condition(observation) { return value }
                if observation.isOver || deadline.hasPassed { return nil }
                version = current
            }
            attendant.waitForChange(since: version, deadline.slice)
            deadline.charge()
        }
    }

    /// Waits for the program's end. Nil: it has not ended in time.
    public func waitForEnding(_ allowance: Duration) -> Ending? {
        wait(allowance) { $0.ending }
    }

    /// Waits until the program is over, at most until `time`.
    func waitUntilOver(until time: ContinuousClock.Instant) {
        while true {
            let (observation, version) = attendant.observed()
            let rest = (time - .now) / .milliseconds(1)
            if observation.isOver || rest <= 0 { return }
            attendant.waitForChange(since: version, Int32(rest.rounded(.up)))
        }
    }

    // MARK: Ending

    /// Sends a signal to the program itself. Nothing happens once it has ended.
    public func signal(_ number: Int32) {
        attendant.signalProgram(number)
    }

    /// Sends a signal to the program and all its descendants.
    public func signalAll(_ number: Int32) {
        attendant.command(SUPERVISION_SIGNAL_ALL, signal: number)
    }

    /// Ends the program and everything that it started. When this returns, all of it is gone, the scratch
    /// folder too. Called again it tells the same.
    @discardableResult
    public func end(_ teardown: Teardown = Teardown(grace: .seconds(1))) -> Ending {
        if teardown.grace > .zero {
            signalAll(teardown.signal)
            _ = waitForEnding(teardown.grace)
        }
        attendant.command(SUPERVISION_FINISH)
        attendant.waitUntilOver()
        return observed.ending ?? .signalled(SIGKILL)
    }
}
