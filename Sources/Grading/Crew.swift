import Foundation
import Synchronization

/// Threads that share out work which waits more than it computes.
struct Crew: Sendable {
    /// How many items are worked on at a time.
    let size: Int

    private struct Work<Value: Sendable>: Sendable {
        var next = 0
        var values: [Int: Value] = [:]
        var failure: KitFailure?
    }

    /// What `body` makes of each of `items`, in their order.
    ///
    /// - Throws: the first failure; what has not begun by then is left.
    func map<Item: Sendable, Value: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (Item) throws(KitFailure) -> Value
    ) throws(KitFailure) -> [Value] {
        let shared = Shared<Work<Value>>(Work())
        let threads = DispatchGroup()
        for _ in 0..<size {
            threads.enter()
            Thread.detachNewThread {
                while let index = shared.work.withLock({ Self.take(&$0, of: items.count) }) {
                    let result = Result { () throws(KitFailure) in try body(items[index]) }
                    shared.work.withLock { work in
                        switch result {
                        case .success(let value): work.values[index] = value
                        case .failure(let failure): work.failure = failure
                        }
                    }
                }
                threads.leave()
            }
        }
        threads.wait()
        let work = shared.work.withLock { $0 }
        if let failure = work.failure { throw failure }
        return items.indices.compactMap { work.values[$0] }
    }

    private static func take(_ work: inout Work<some Sendable>, of count: Int) -> Int? {
        if work.failure != nil || work.next == count { return nil }
        defer { work.next += 1 }
        return work.next
    }
}

/// A value that several threads hold.
private final class Shared<Value: Sendable>: Sendable {
    let work: Mutex<Value>

    init(_ value: Value) {
        work = Mutex(value)
    }
}
