import Foundation
import LoadGeneration
import ReferenceEcho
import Sockets
import XCTest

/// What the load generator makes of servers, right ones and wrong ones.
final class LoadGeneratorTests: XCTestCase {
    private let loads: [Load] = [.requests(clients: 1), .requests(clients: 40), .stream, .connections]

    // MARK: Right ones

    func testMeasuresARightServer() throws {
        let server = try EchoServer.start()
        for load in loads {
            var events: [String] = []
            LoadGenerator.run(plan(load, server.address), ready: { events.append("ready") }) { outcome in
                events.append("end")
                guard case .measured(let figures) = outcome else { return XCTFail("\(load): \(outcome)") }
                XCTAssertGreaterThan(figures.count, 0)
                XCTAssertGreaterThanOrEqual(figures.total, figures.count)
                XCTAssertGreaterThan(figures.rate, 0)
                XCTAssertEqual(figures.latencies.count > 0, load != .stream)
            }
            XCTAssertEqual(events, ["ready", "end"])
        }
    }

    func testTakesAnswersInPieces() throws {
        for load in loads {
            let server = try EchoServer.start(misbehaving: .dribble(bytes: load == .stream ? 1000 : 7))
            guard case .measured = outcome(load, server.address) else { return XCTFail("\(load)") }
        }
    }

    func testVerifiesCapitals() throws {
        let capitals = try LineServer { $0.map { (97...122).contains($0) ? $0 - 32 : $0 } }
        for load in [Load.requests(clients: 1), .stream, .connections] {
            var plan = plan(load, capitals.address)
            plan.expectsCapitals = true
            LoadGenerator.run(plan) { outcome in
                guard case .measured = outcome else { return XCTFail("\(load): \(outcome)") }
            }
            guard case .failed(.differs) = self.outcome(load, capitals.address) else {
                return XCTFail("\(load): a capital is not what was sent")
            }
        }
    }

    // MARK: Wrong ones

    func testTellsAByteThatIsAnother() throws {
        let server = try LineServer { bytes in
            bytes.count < 64 ? bytes : bytes[..<(bytes.startIndex + 17)] + [bytes[17] ^ 1] + bytes[18...]
        }
        for load in [Load.requests(clients: 1), .connections, .stream] {
            guard case .failed(.differs(at: 17, let expected, let received)) = outcome(load, server.address)
            else { return XCTFail("\(load): \(outcome(load, server.address))") }
            XCTAssertEqual(expected, received ^ 1)
        }
    }

    func testTellsAnEarlyEnd() throws {
        let server = try EchoServer.start(misbehaving: .closeEarly(after: 40))
        for load in [Load.requests(clients: 1), .requests(clients: 3), .connections] {
            XCTAssertEqual(outcome(load, server.address), .failed(.ended(after: 40, of: 64)), "\(load)")
        }
        guard case .failed(.ended(after: 40, _)) = outcome(.stream, server.address) else {
            return XCTFail("\(outcome(.stream, server.address))")
        }
    }

    func testTellsAReset() throws {
        let server = try EchoServer.start(misbehaving: .reset(after: 640))
        for load in [Load.requests(clients: 1), .stream] {
            guard case .failed(.broken) = outcome(load, server.address) else {
                return XCTFail("\(load): \(outcome(load, server.address))")
            }
        }
    }

    func testTellsMoreThanWasSent() throws {
        let server = try LineServer { $0 + [0] }
        for load in [Load.requests(clients: 1), .connections] {
            XCTAssertEqual(outcome(load, server.address), .failed(.tooMuch), "\(load)")
        }
    }

    func testTellsHowManyAreServedAtATime() throws {
        let one = try LineServer { $0 }
        let clients = Load.requests(clients: 40)
        XCTAssertEqual(impatient(clients, one.address), .failed(.serves(1, clients: 40)))
        let none = try EchoServer.start(misbehaving: .stall)
        XCTAssertEqual(impatient(clients, none.address), .failed(.serves(0, clients: 40)))
        for load in [Load.stream, .connections] {
            XCTAssertEqual(impatient(load, none.address), .failed(.silent(1, clients: 1)), "\(load)")
        }
    }

    func testTellsAServerThatAnswersNoMore() throws {
        let lines = Counter()
        let server = try LineServer { lines.next() < 3 ? $0 : [] }
        XCTAssertEqual(impatient(.requests(clients: 1), server.address), .failed(.silent(1, clients: 1)))
    }

    func testTellsARefusal() throws {
        let server = try EchoServer.start(misbehaving: .refuse)
        for load in loads {
            XCTAssertEqual(
                outcome(load, server.address),
                .failed(.broken("connect: Connection refused")),
                "\(load)"
            )
        }
    }

    func testTroubleIsToldInAPhrase() {
        let phrases: [(Trouble, String)] = [
            (.serves(1, clients: 1000), "serves 1 of 1,000 at a time"),
            (.silent(2, clients: 50), "2 of 50 clients got no answer"),
            (.silent(1, clients: 1), "the client got no answer"),
            (.differs(at: 17, expected: 10, received: 255), "byte 17 came back as 0xFF, not as 0x0A"),
            (.ended(after: 40, of: 64), "the connection ended after 40 of 64 bytes"),
            (.unable("socket: Too many open files"), "could not be measured: socket: Too many open files"),
        ]
        for (trouble, phrase) in phrases { XCTAssertEqual(trouble.description, phrase) }
    }

    // MARK: - Helpers

    private func plan(_ load: Load, _ server: SocketAddress, patience: Double = 5) -> LoadPlan {
        var plan = LoadPlan(server: server.description, load: load, seconds: 0.05)
        plan.patience = patience
        return plan
    }

    private func outcome(_ load: Load, _ server: SocketAddress) -> Outcome {
        outcome(plan(load, server))
    }

    /// Of a server that leaves clients without an answer: not waited for as long as others are.
    private func impatient(_ load: Load, _ server: SocketAddress) -> Outcome {
        outcome(plan(load, server, patience: 0.3))
    }

    private func outcome(_ plan: LoadPlan) -> Outcome {
        var result: Outcome?
        LoadGenerator.run(plan) { result = $0 }
        return result ?? .failed(.unable("nothing was reported"))
    }
}
