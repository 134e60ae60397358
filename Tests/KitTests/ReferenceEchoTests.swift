import ReferenceEcho
import Sockets
import XCTest

final class ReferenceEchoTests: XCTestCase {
    func testEveryByteComesBack() throws {
        let server = try EchoServer.start()
        let client = try ScriptedClient(connectingTo: server.address)
        for bytes in [Payload.everyByteValue, Payload.invalidUTF8, Payload.pattern(count: 100_000)] {
            XCTAssertEqual(try client.exchange(bytes), Received(bytes, .stillOpen))
        }
        try client.halfClose()
        XCTAssertEqual(try client.receiveUntilEnd(), Received([], .endOfFile))
        XCTAssertTrue(server.log.wait(for: .closed(client.localAddress, nil)))
        XCTAssertEqual(server.log.events.first, .accepted(client.localAddress))
    }

    func testServersThatAreRightGiveEqualTranscripts() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let script = Script.random(seed: seed, total: 50_000)
        let expected = try script.expectedTranscript()
        var withPoll = EchoServer.Configuration()
        withPoll.usesPoll = true
        var tracedWithPoll = withPoll
        tracedWithPoll.steps = StepLog()
        let configurations: [EchoServer.Configuration] = [
            withPoll,
            tracedWithPoll,
            .init(misbehaviour: .dribble(bytes: 100)),
            .init(misbehaviour: .delay(.milliseconds(1))),
            .init(buffer: 7),
        ]
        for configuration in configurations {
            let server = try EchoServer.start(configuration)
            let transcript = try script.play(to: server.address)
            XCTAssertNil(transcript.firstDifference(from: expected), "seed \(seed), \(configuration)")
        }
    }

    func testMisbehavioursAreSeenByTheClient() throws {
        let script = Script([.send(Array("hello".utf8)), .receiveAllSent, .halfClose, .receiveUntilEnd])
        let expected: [(Misbehaviour, String)] = [
            (.none, "→ 5 bytes \"hello\"\n← 5 bytes \"hello\"\n→ FIN\n← FIN"),
            (.closeEarly(after: 3), "→ 5 bytes \"hello\"\n← 3 bytes \"hel\"\n← FIN\n→ FIN"),
            (.reset(after: 3), "→ 5 bytes \"hello\"\n← 3 bytes \"hel\"\n← RST"),
            (.stall, "→ 5 bytes \"hello\"\n… nothing more"),
        ]
        for (misbehaviour, transcript) in expected {
            let server = try EchoServer.start(misbehaving: misbehaviour)
            let patience = misbehaviour.stalls ? Duration.milliseconds(100) : .seconds(5)
            let seen = try script.play(to: server.address, patience: patience)
            XCTAssertEqual(seen.description, transcript)
        }
    }

    func testAServerEndsBeforeTheFirstByte() throws {
        let ends = Script([.receiveUntilEnd])
        for (misbehaviour, transcript) in [
            (Misbehaviour.closeEarly(after: 0), "← FIN"), (.reset(after: 0), "← RST"),
        ] {
            let server = try EchoServer.start(misbehaving: misbehaviour)
            XCTAssertEqual(try ends.play(to: server.address).description, transcript)
        }
    }

    func testAServerThatRefusesHasItsPort() throws {
        let server = try EchoServer.start(misbehaving: .refuse)
        XCTAssertEqual(Probe(connectingTo: server.address), .refused)
        XCTAssertThrowsError(try PortHolder(boundTo: server.address))
    }

    func testAClientThatDoesNotReadIsNotReadFrom() throws {
        let server = try EchoServer.start(.init(buffer: 1000, kernelBuffers: 4096))
        let client = try ScriptedClient(connectingTo: server.address, buffers: .small)
        let bytes = Payload.pattern(count: 12_000_000)
        let count = try client.sendAsFarAsItGoes(bytes, quiet: .milliseconds(50))
        XCTAssertLessThan(count, bytes.count)

        // Another client is served meanwhile.
        XCTAssertEqual(Probe(connectingTo: server.address), .accepted)

        try client.halfClose()
        let received = try client.receiveUntilEnd()
        XCTAssertNil(Payload.firstDifference(expected: Array(bytes.prefix(count)), seen: received.bytes))
        XCTAssertEqual(received.ending, .endOfFile)
    }

    func testMuchGoesThroughToALateReader() throws {
        let server = try EchoServer.start()
        let client = try ScriptedClient(connectingTo: server.address)
        let bytes = Payload.pattern(count: 12_000_000)
        let early = try client.sendAsFarAsItGoes(bytes, quiet: .milliseconds(20))
        try client.send(Array(bytes.dropFirst(early)))
        let received = try client.receive(count: bytes.count)
        XCTAssertNil(Payload.firstDifference(expected: bytes, seen: received.bytes))
    }

    func testManyClientsAreServedAtOnce() throws {
        let server = try EchoServer.start()
        let clients = try (0..<200).map { _ in try ScriptedClient(connectingTo: server.address) }
        for client in clients { try client.send(Array(client.localAddress.description.utf8)) }
        for client in clients.reversed() {
            let expected = Array(client.localAddress.description.utf8)
            XCTAssertEqual(try client.receive(count: expected.count).bytes, expected)
        }
    }

    func testAResetEndsNobodyElsesConnection() throws {
        let server = try EchoServer.start()
        let rude = try ScriptedClient(connectingTo: server.address)
        let polite = try ScriptedClient(connectingTo: server.address)
        try rude.send([1])
        try rude.reset()
        XCTAssertEqual(try polite.exchange([2]).bytes, [2])
        XCTAssertTrue(server.log.wait(for: .closed(rude.localAddress, Errno(name: "ECONNRESET"))))
    }

    func testNobodyWritesTheSwappedPort() throws {
        let written = [1234, 3456, 5000, 7007, 7777, 8000, 8080, 9090].map { UInt16($0).byteSwapped }
        for _ in 1...2000 {
            let port = try FreePort.reserve()
            XCTAssertFalse(written.contains(port), "\(port)")
        }
    }

    func testAServerThatStallsSeesAReset() throws {
        let server = try EchoServer.start(misbehaving: .stall)
        let client = try ScriptedClient(connectingTo: server.address)
        try client.send([1])
        try client.reset()
        XCTAssertTrue(server.log.wait(for: .closed(client.localAddress, Errno(name: "ECONNRESET"))))
    }

    func testAServerThatWasStoppedIsGone() throws {
        let server = try EchoServer.start()
        let client = try ScriptedClient(connectingTo: server.address)
        XCTAssertEqual(try client.exchange([1]).bytes, [1])
        server.stop()
        XCTAssertEqual(Probe(connectingTo: server.address), .refused)
        XCTAssertEqual(try client.receiveUntilEnd(), Received([], .endOfFile))
    }

    func testAClientConnectsFromTheAddressThatItIsTold() throws {
        let server = try EchoServer.start()
        let local = try XCTUnwrap(SocketAddress(host: "127.0.0.2", port: 0))
        if (try? PortHolder(boundTo: local)) == nil { throw XCTSkip("this machine has no 127.0.0.2") }
        let client = try ScriptedClient(connectingTo: server.address, from: local)
        XCTAssertEqual(client.localAddress.host, "127.0.0.2")
        XCTAssertEqual(try client.exchange([1]).bytes, [1])
        XCTAssertEqual(server.log.events, [.accepted(client.localAddress)])
    }
}
