import Foundation
import Sockets

/// The thread on which a reference server serves, until it is told to stop. Any number of others may stop it,
/// before its end and after.
final class ServingThread: Sendable {
    private let wakeUp: SelfPipe
    private let end = DispatchGroup()

    init() throws(SocketError) {
        wakeUp = try SelfPipe()
    }

    /// Starts the thread.
    ///
    /// - Parameter serve: what it does, until the descriptor that it is given is readable.
    func start(_ serve: @escaping @Sendable (_ end: Int32) throws -> Void) {
        let (wakeUp, end) = (wakeUp, end)
        end.enter()
        Thread.detachNewThread {
            do {
                try serve(wakeUp.readEnd)
            } catch {
                preconditionFailure("the reference server ended: \(error)")
            }
            end.leave()
        }
    }

    /// Has it end: when this returns, it has.
    func stop() {
        wakeUp.ring()
        end.wait()
    }
}
