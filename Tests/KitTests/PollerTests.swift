import Foundation
import Sockets
import XCTest

/// What both pollers promise.
final class PollerTests: XCTestCase {
    private func withEachPoller(_ body: (inout any Poller & ~Copyable) throws -> Void) throws {
        var portable: any Poller & ~Copyable = PollPoller()
        try body(&portable)
        #if os(Linux)
        var ofLinux: any Poller & ~Copyable = try EpollPoller()
        try body(&ofLinux)
        #endif
    }

    func testTellsWhatIsWaitedFor() throws {
        try withEachPoller { poller in
            let pair = try Pair()
            let descriptor = pair.client.descriptor
            try poller.watch(descriptor, for: .readable)
            var happened = try poller.wait(atMost: .zero)
            XCTAssertEqual(happened, [])

            try pair.server?.sendAll([1])
            happened = try poller.wait()
            XCTAssertEqual(happened, [Happening(.readable, on: descriptor)])

            try poller.watch(descriptor, for: .writable)
            happened = try poller.wait()
            XCTAssertEqual(happened, [Happening(.writable, on: descriptor)])

            try poller.watch(descriptor, for: [.readable, .writable])
            happened = try poller.wait()
            XCTAssertEqual(happened, [Happening([.readable, .writable], on: descriptor)])
        }
    }

    func testTellsItUntilItIsDealtWith() throws {
        try withEachPoller { poller in
            let pair = try Pair()
            try poller.watch(pair.client.descriptor, for: .readable)
            try pair.server?.sendAll([1, 2])
            for count in [1, 1, 0] {
                let happened = try poller.wait(atMost: count == 0 ? .zero : nil)
                XCTAssertEqual(happened.count, count)
                if count == 1 { _ = try pair.client.receive(atMost: 1) }
            }
        }
    }

    func testTellsABrokenConnectionUnasked() throws {
        try withEachPoller { poller in
            let pair = try Pair()
            try poller.watch(pair.client.descriptor, for: [])
            try pair.server.take()?.reset()
            let happened = try poller.wait()
            XCTAssertEqual(happened.map(\.descriptor), [pair.client.descriptor])
            XCTAssertEqual(happened.first?.events.contains(.failed), true)
        }
    }

    func testTellsTheEndOfFileAsReadable() throws {
        try withEachPoller { poller in
            let pair = try Pair()
            try poller.watch(pair.client.descriptor, for: .readable)
            pair.server.take()?.close()
            let happened = try poller.wait()
            XCTAssertEqual(happened.first?.events.contains(.readable), true)
        }
    }

    func testTellsNothingOfWhatItHasForgotten() throws {
        try withEachPoller { poller in
            let pairs = try (0..<3).map { _ in try Pair() }
            for pair in pairs {
                try poller.watch(pair.client.descriptor, for: .readable)
                try pair.server?.sendAll([1])
            }
            for pair in pairs[..<2] { poller.forget(pair.client.descriptor) }
            // Twice is once.
            poller.forget(pairs[0].client.descriptor)
            var happened = try poller.wait()
            XCTAssertEqual(happened.map(\.descriptor), [pairs[2].client.descriptor])

            try poller.watch(pairs[0].client.descriptor, for: .readable)
            happened = try poller.wait()
            XCTAssertEqual(
                Set(happened.map(\.descriptor)),
                Set([pairs[0], pairs[2]].map { $0.client.descriptor })
            )
        }
    }

    func testANumberThatIsUsedAgainIsWaitedForAnew() throws {
        try withEachPoller { poller in
            for _ in 1...2 {
                let pair = try Pair()
                try poller.watch(pair.client.descriptor, for: .readable)
                try pair.server?.sendAll([1])
                let happened = try poller.wait()
                XCTAssertEqual(happened.map(\.descriptor), [pair.client.descriptor])
                poller.forget(pair.client.descriptor)
            }
        }
    }

    func testTellsMoreThanOneWaitHolds() throws {
        try withEachPoller { poller in
            let pairs = try (0..<300).map { _ in try Pair() }
            for pair in pairs {
                try poller.watch(pair.client.descriptor, for: .readable)
                try pair.server?.sendAll([1])
            }
            var seen: [Int32] = []
            while seen.count < pairs.count {
                for happening in try poller.wait() {
                    seen.append(happening.descriptor)
                    poller.forget(happening.descriptor)
                }
            }
            XCTAssertEqual(Set(seen), Set(pairs.map { $0.client.descriptor }))
        }
    }

    func testOnlyPollTakesFiles() throws {
        let handle = try FileHandle(forReadingFrom: URL(filePath: #filePath))
        defer { try? handle.close() }
        let file = handle.fileDescriptor
        var portable = PollPoller()
        portable.watch(file, for: .readable)
        let happened = try portable.wait()
        XCTAssertEqual(happened, [Happening(.readable, on: file)])

        #if os(Linux)
        var ofLinux = try EpollPoller()
        do {
            try ofLinux.watch(file, for: .readable)
            XCTFail("epoll_ctl(2) takes no regular file")
        } catch {
            XCTAssertEqual("\(error)", "epoll_ctl: Operation not permitted")
        }
        #endif
    }

    func testASignalIsReadable() throws {
        try withEachPoller { poller in
            let signals = try SignalDescriptor([SIGURG])
            try poller.watch(signals.descriptor, for: .readable)
            var happened = try poller.wait(atMost: .zero)
            XCTAssertEqual(happened, [])
            pthread_kill(pthread_self(), SIGURG)
            happened = try poller.wait()
            XCTAssertEqual(happened.map(\.descriptor), [signals.descriptor])
            try takeSignal(SIGURG)
        }
    }

    /// Takes a signal that came while it was blocked, and lets it come again.
    private func takeSignal(_ signal: Int32) throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, signal)
        var number: Int32 = 0
        XCTAssertEqual(sigwait(&signals, &number), 0)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}

extension Socket {
    /// Sends few enough bytes that the kernel takes them all.
    fileprivate borrowing func sendAll(_ bytes: [UInt8]) throws {
        XCTAssertEqual(try send(bytes[...]), bytes.count)
    }
}
