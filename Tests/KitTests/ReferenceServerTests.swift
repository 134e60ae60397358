import Course
import Foundation
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// The program `reference-server`, with epoll(7) and with poll(2).
final class ReferenceServerTests: XCTestCase {
    /// The server, and where it listens.
    private struct Server {
        let program: RunningProgram
        let address: SocketAddress

        func connect(_ buffers: ScriptedClient.Buffers = .asEver) throws -> ScriptedClient {
            try ScriptedClient(connectingTo: address, buffers: buffers)
        }
    }

    private func withEachServer(
        _ arguments: [String] = [],
        _ change: (inout Launch) throws -> Void = { _ in },
        _ body: (Server) throws -> Void
    ) throws {
        let executable = try XCTUnwrap(Products.besideThisProgram.program("reference-server"))
        for choice in [[], ["--poll"]] {
            var launch = Launch(executable, ["0"] + arguments + choice)
            try change(&launch)
            let program = try RunningProgram(launch)
            defer { program.end(.kill) }
            let line = program.wait(.seconds(10)) { $0.outputLines.first }
            let words = try XCTUnwrap(line?.split(separator: " "), program.observed.errorText)
            let address = try XCTUnwrap(words.last.flatMap { SocketAddress(String($0)) })
            try body(Server(program: program, address: address))
        }
    }

    func testASignalEndsItCleanly() throws {
        for signal in [SIGINT, SIGTERM] {
            try withEachServer { server in
                let stuck = try server.connect(.small)
                _ = try stuck.sendAsFarAsItGoes(Payload.pattern(count: 4_000_000), quiet: .milliseconds(20))
                let idle = try server.connect()
                XCTAssertEqual(try idle.exchange([1]).bytes, [1])

                server.program.signal(signal)
                XCTAssertEqual(server.program.waitForEnding(.seconds(10)), .exited(0))
                XCTAssertEqual(try idle.receiveUntilEnd(), Received([], .endOfFile))
                XCTAssertEqual(Probe(connectingTo: server.address), .refused)
            }
        }
    }

    func testHundredsOfClientsAreServedAtOnce() throws {
        try withEachServer { server in
            let clients = try (0..<500).map { _ in try server.connect() }
            for _ in 1...3 {
                for client in clients { try client.send(Array(client.localAddress.description.utf8)) }
                for client in clients.reversed() {
                    let expected = Array(client.localAddress.description.utf8)
                    XCTAssertEqual(try client.receive(count: expected.count).bytes, expected)
                }
            }
        }
    }

    func testClientsForWhomThereIsNoDescriptorWaitTheirTurn() throws {
        let limit: (inout Launch) -> Void = { $0.limits.openFiles = 20 }
        try withEachServer([], limit) { server in
            let clients = try (UInt8(0)..<50).map { number in
                let client = try server.connect()
                try client.send([number])
                return client
            }
            for (number, client) in clients.enumerated() {
                XCTAssertEqual(try client.receive(count: 1).bytes, [UInt8(number)])
                // The server has no descriptor for the others, and yet burns no processor time.
                if number == 0 { XCTAssertTrue(server.program.isIdle()) }
                client.close()
            }
        }
    }

    func testAServerWithoutAnythingToDoWaits() throws {
        try withEachServer { server in
            let client = try server.connect()
            XCTAssertEqual(try client.exchange([1]).bytes, [1])
            try client.halfClose()
            XCTAssertEqual(try client.receiveUntilEnd(), Received([], .endOfFile))
            XCTAssertTrue(server.program.isIdle())
        }
    }

    func testItHoldsNoMoreThanItsBuffer() throws {
        let recorder = try XCTUnwrap(Products.besideThisProgram.recorder)
        let record: (inout Launch) -> Void = { Recorder(library: recorder).add(to: &$0) }
        try withEachServer(["--buffer", "5000"], record) { server in
            let stuck = try server.connect(.small)
            let bytes = Payload.pattern(count: 12_000_000)
            let count = try stuck.sendAsFarAsItGoes(bytes, quiet: .milliseconds(50))
            XCTAssertLessThan(count, bytes.count)

            // The others go on.
            let other = try server.connect()
            XCTAssertEqual(try other.exchange([1, 2, 3]).bytes, [1, 2, 3])

            // All that is owed comes, though the client has ended its side.
            try stuck.halfClose()
            let received = try stuck.receiveUntilEnd()
            XCTAssertEqual(received.ending, .endOfFile)
            XCTAssertNil(Payload.firstDifference(expected: Array(bytes.prefix(count)), seen: received.bytes))

            server.program.signal(SIGTERM)
            XCTAssertEqual(server.program.waitForEnding(.seconds(10)), .exited(0))
            assertHeld(atMost: 5000, in: server.program.observed.records)
        }
    }

    /// Asserts that what has been received and not sent back was never more than `limit` bytes, on any
    /// descriptor.
    private func assertHeld(atMost limit: Int, in records: [SocketCall]) {
        var held: [Int32: Int] = [:]
        var most = 0
        for call in records where call.hasReturned {
            guard let descriptor = call.descriptor, let count = call.result, count > 0 else { continue }
            if call.family == .recv { held[descriptor, default: 0] += Int(count) }
            if call.family == .send { held[descriptor, default: 0] -= Int(count) }
            most = max(most, held[descriptor, default: 0])
        }
        XCTAssertEqual(most, limit, "it receives as much as it has room for, and no more")
    }

    func testItDoesWithoutFoundation() throws {
        #if os(Linux)
        try withEachServer { server in
            let maps = try String(
                contentsOfFile: "/proc/\(server.program.processIdentifier)/maps",
                encoding: .utf8
            )
            XCTAssertTrue(maps.contains("reference-server"))
            XCTAssertFalse(maps.contains("Foundation"))
        }
        #endif
    }
}
