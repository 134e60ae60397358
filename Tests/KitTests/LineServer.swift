import Foundation
import Sockets
import Synchronization
import XCTest

/// A server of one client after the other, which sends something for what has come: as wrong as a test wants.
final class LineServer: Sendable {
    let address: SocketAddress
    private let end: Int32

    /// - Parameter reply: what is sent back for what one recv(2) gave.
    init(_ reply: @escaping @Sendable ([UInt8]) -> [UInt8]) throws {
        let listener = try Socket(.inet, .stream)
        try listener.bind(to: .loopback(0))
        try listener.listen()
        address = try listener.localAddress()
        end = dup(listener.descriptor)
        nonisolated(unsafe) var given: Socket? = listener
        Thread.detachNewThread {
            guard let listener = given.take() else { return }
            while let client = try? listener.accept() { Self.serve(client.socket, reply) }
        }
    }

    deinit {
        // accept(2) fails then, and the thread ends.
        shutdown(end, Int32(SHUT_RDWR))
        close(end)
    }

    private static func serve(_ client: borrowing Socket, _ reply: ([UInt8]) -> [UInt8]) {
        while let bytes = try? client.receive(atMost: 65_536), !bytes.isEmpty {
            var rest = reply(bytes)[...]
            while !rest.isEmpty, let count = try? client.send(rest) { rest = rest.dropFirst(count) }
        }
    }
}

/// Counts from 0, for any thread.
final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
