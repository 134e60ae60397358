import Foundation
import ReferenceEcho
import Sockets
import Supervision

extension Server {
    /// Of its sockets, only the listening one may be left.
    func expectNoConnections(after event: String) throws {
        // Whether close(2) came before the line or right after it is for another check to say.
        subject.waitUntilItWaits()
        let held = try subject.heldSockets().filter { $0.transport.hasPrefix("TCP") && $0.state != .listen }
        if held.isEmpty { return }
        let list = held.prefix(5).map { "descriptor \($0.descriptor)\($0.remote.map { " to \($0)" } ?? "")" }
        throw subject.failure(
            did: "served \(event), until \"closed\" was printed",
            expected: "only the listening socket is left",
            saw: "\(held.count) more: \(list.joined(separator: ", "))",
            cause: Self.causeOfRest(held.map(\.descriptor), subject.seen)
        )
    }

    private static func causeOfRest(_ held: [Int32], _ seen: Observation) -> String? {
        // A number may have been that of an earlier connection, which was closed.
        let accepted = held.compactMap { number in seen.calls(.accept).last { $0.result == Int(number) } }
        func has(_ family: SocketCall.Family, _ connection: SocketCall) -> Bool {
            seen.calls(family).contains {
                $0.descriptor.map(Int.init) == connection.result && $0.time > connection.time
                    && ($0.errno == nil || $0.errno == EINTR)
            }
        }
        if let open = accepted.first(where: { !has(.close, $0) }) {
            return has(.shutdown, open)
                ? "shutdown(2) ends the stream; only close(2) gives the descriptor back"
                : "close(2) was not called on what accept(2) returned"
        }
        return seen.calls(.dup).isEmpty ? nil : "dup(2) makes a second descriptor, which is closed by itself"
    }
}

extension StageTestCase {
    /// Starts the stage's server, and connects a client that it accepts. What `action` says happens to the first
    /// close(2) that comes then, or from that on.
    func startServerWithClient(
        closing which: (_ call: Int) -> Recorder.Which,
        _ action: String
    ) throws -> (Server, ScriptedClient) {
        let earlier = try countOfEarlierCloses()
        let fault = Recorder.Fault(.close, which(earlier + 1), action)
        let (server, client) = try startServerWithClient(faults: [fault])
        server.subject.waitForCloses(earlier)
        return (server, client)
    }

    /// How many sockets the program has closed by the time it serves its first client: most often none.
    private func countOfEarlierCloses() throws -> Int {
        let (server, client) = try startServerWithClient()
        defer { server.subject.program.end(.kill) }
        try server.subject.expectIdle(while: "the client sends nothing")
        return withExtendedLifetime(client) { server.subject.seen.calls(.close).count }
    }
}

extension Subject {
    /// Waits until the program has closed as many sockets as `countOfEarlierCloses()` has told: one process
    /// of a family may be slower than another.
    fileprivate func waitForCloses(_ count: Int) {
        _ = program.wait(Self.patience) { seen in
            seen.ending != nil || seen.calls(.close).count >= count ? true : nil
        }
    }

    /// close(2) of a descriptor that is not open (any more) fails with EBADF. In a program that opens others,
    /// it would hit one of those.
    func expectNoCloseOfWhatIsClosed() throws {
        guard let again = secondClose else { return }
        throw failure(
            expected: "each descriptor is closed once",
            saw: "close(\(again.argument(0) ?? "")) once more: Bad file descriptor",
            cause: causeOfSecondClose
        )
    }

    /// Why a descriptor was closed twice; nil where none was, or nothing points to a cause.
    var causeOfSecondClose: String? {
        guard let again = secondClose else { return nil }
        let wasInterrupted = seen.calls(.close).contains {
            $0.descriptor == again.descriptor && $0.errno == EINTR
        }
        return wasInterrupted
            ? "interrupted, close(2) has closed all the same: it is not repeated"
            : "close(2) was called twice on one connection"
    }

    private var secondClose: SocketCall? {
        seen.calls(.close).first { $0.errno == EBADF }
    }
}

extension Observation {
    /// Whether close(2) has let go of `descriptor` in `process`, as far as is recorded.
    func closes(_ descriptor: Int32?, in process: pid_t) -> Bool {
        calls(.close).contains {
            $0.descriptor == descriptor && $0.process == process && $0.errno != EBADF
        }
    }
}
