import Foundation
import Synchronization

/// Threads that share out work which waits more than it computes.
struct Crew: Sendable {
    /// How many items are worked on at a time.
    let size: Int

    /// What `body` makes of each of `items`, in their order.
    func map<Item: Sendable, Value: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (Item) -> Value
    ) -> [Value] {
        let work = Work<Value>()
        let threads = DispatchGroup()
        for _ in 0..<size {
            threads.enter()
            Thread.detachNewThread {
                while let index = work.next(of: items.count) {
                    work.keep(body(items[index]), at: index)
                }
                threads.leave()
            }
        }
        threads.wait()
        return work.values
    }
}

/// What is still to be done, and what was made of the rest.
private final class Work<Value: Sendable>: Sendable {
    private let state = Mutex<(next: Int, made: [Int: Value])>((0, [:]))

    func next(of count: Int) -> Int? {
        state.withLock { state in
            if state.next == count { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func keep(_ value: Value, at index: Int) {
        state.withLock { $0.made[index] = value }
    }

    /// In the order of their indices.
    var values: [Value] {
        state.withLock { state in state.made.sorted { $0.key < $1.key }.map(\.value) }
    }
}
