import Foundation

/// The end of a thread, which any number of others can wait for, before and after.
final class ThreadEnd: Sendable {
    private let group = DispatchGroup()

    init() { group.enter() }

    func announce() { group.leave() }

    func wait() { group.wait() }
}
