import Sockets

/// Puts a server under load, and measures what it does with it: the work of one thread, in which nothing is
/// allocated for a line once its connection stands.
///
/// Every byte that comes back is compared with what was sent.
public enum LoadGenerator {
    /// Measures a server.
    ///
    /// - Parameters:
    ///   - ready: called right before the load: where clients stay, when all of them are connected.
    ///   - report: called at the end, while the clients still hold their connections.
    public static func run(
        _ plan: LoadPlan,
        ready: () -> Void = {},
        report: (Outcome) -> Void
    ) {
        guard let server = SocketAddress(plan.server) else {
            return report(.failed(.unable("\(plan.server) is not an address")))
        }
        do throws(SocketError) {
            let measurement = try measurement(plan, server)
            withExtendedLifetime(measurement) {
                report(Outcome { () throws(Trouble) in try measurement.measure(ready) })
            }
        } catch {
            report(.failed(Trouble(error)))
        }
    }

    private static func measurement(
        _ plan: LoadPlan,
        _ server: SocketAddress
    ) throws(SocketError) -> any Measurement {
        switch plan.load {
        case .requests(let clients): try RequestLoad(plan, server, clients: clients)
        case .stream: try StreamLoad(plan, server)
        case .connections: ConnectionLoad(plan, server)
        }
    }
}

/// A load in action. It holds its connections for as long as there is it.
protocol Measurement: AnyObject {
    /// - Parameter ready: called right before the load.
    func measure(_ ready: () -> Void) throws(Trouble) -> Figures
}

/// A load in action that waits for events.
protocol EventDriven: Measurement {
    var plan: LoadPlan { get }
    var figures: Figures { get }
    /// What to say of a server that answers nothing any more.
    var silence: Trouble { get }

    /// Deals with what happens, within `time`. Returns whether anything did.
    func attend(for time: Duration) throws(Trouble) -> Bool
}

extension EventDriven {
    /// Deals with what happens for so long, and until something was counted: on a machine that is busy with
    /// other things a short time may see nothing.
    func attend(during nanoseconds: UInt64) throws(Trouble) {
        let end = MonotonicTime.now + nanoseconds
        var patience = Patience(plan)
        while true {
            let now = MonotonicTime.now
            if now < end {
                _ = try attend(for: min(.milliseconds(50), .nanoseconds(end - now)))
            } else {
                if figures.count > 0 { return }
                patience.note(try attend(for: .milliseconds(50)))
                if patience.isOver { throw silence }
            }
        }
    }
}

extension LoadPlan {
    var warmUp: UInt64 { UInt64(seconds / 4 * 1e9) }
    var duration: UInt64 { UInt64(seconds * 1e9) }
    var deadline: Deadline { Deadline(.seconds(patience)) }
}

extension Outcome {
    init(_ measure: () throws(Trouble) -> Figures) {
        do throws(Trouble) {
            self = .measured(try measure())
        } catch {
            self = .failed(error)
        }
    }
}

/// Makes calls on sockets.
///
/// - Throws: what their failure says about the server.
func onSocket<Result: ~Copyable>(_ body: () throws(SocketError) -> Result) throws(Trouble) -> Result {
    do throws(SocketError) {
        return try body()
    } catch {
        throw Trouble(error)
    }
}

#if os(Linux)
typealias SystemPoller = EpollPoller
#else
typealias SystemPoller = PollPoller
#endif
