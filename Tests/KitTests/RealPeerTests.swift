import Foundation
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// The reference, and what students write, against programs that this project did not write.
final class RealPeerTests: XCTestCase {
    func testTheClientAgreesWithSocat() throws {
        try withSocat { address in try assertEchoes(address) }
    }

    func testTheClientAgreesWithXinetd() throws {
        try withXinetd { address in try assertEchoes(address) }
    }

    func testNetcatAndSocatAgreeWithTheServer() throws {
        let server = try EchoServer.start()
        defer { server.stop() }
        try assertServesNetcatAndSocat(server.address)
    }

    // MARK: - The course's goal

    func testTheEchoServerServesNetcatSocatAndAThousandClients() throws {
        let server = try RunningProgram.ofTheKit("echo-server-solution", ["0"])
        defer { server.end() }
        let address = try server.listeningAddress()
        for seed in 1...1000 as ClosedRange<UInt64> {
            let script = Script.random(seed: seed, total: 500)
            let seen = try script.play(to: address)
            XCTAssertNil(seen.firstDifference(from: try script.expectedTranscript()), "seed \(seed)")
        }
        try assertServesNetcatAndSocat(address)
    }

    func testTheForkServerHasNoZombieAfterAThousandClients() throws {
        let server = try RunningProgram.ofTheKit("fork-server-solution", ["0"])
        defer { server.end() }
        let address = try server.listeningAddress()
        let line = Array("hello\n".utf8)
        for _ in 1...1000 {
            XCTAssertEqual(try ScriptedClient(connectingTo: address).exchange(line).bytes, line)
        }
        let isAlone = server.wait(.seconds(10)) { _ in server.processes().count == 1 ? true : nil }
        XCTAssertEqual(isAlone, true, "\(server.processes().count) processes are left")
    }

    func testTheEchoClientTalksToSocat() throws {
        try withSocat { address in try assertEchoClient(at: address) }
    }

    func testTheEchoClientTalksToXinetd() throws {
        try withXinetd { address in try assertEchoClient(at: address) }
    }

    private func assertEchoClient(at server: SocketAddress) throws {
        let bytes = Payload.pattern(count: 50_000)
        let client = try RunningProgram.ofTheKit("echo-client-solution", [server.host, "\(server.port)"])
        XCTAssertNil(Payload.firstDifference(expected: bytes, seen: try client.answer(to: bytes)))
        XCTAssertEqual(client.observed.ending, .exited(0))
    }
    // MARK: - The others

    /// The server at `address` echoes to two clients of the machine's own.
    private func assertServesNetcatAndSocat(_ address: SocketAddress) throws {
        let bytes = Payload.pattern(count: 50_000)
        for (name, arguments) in [
            ("nc", ["-N", address.host, "\(address.port)"]), ("socat", ["-t10", "-", "TCP:\(address)"]),
        ] {
            let client = try RunningProgram.ofTheMachine(name, arguments)
            let seen = try client.answer(to: bytes)
            XCTAssertNil(Payload.firstDifference(expected: bytes, seen: seen), name)
        }
    }

    /// Plays a script against the server at `address` and against our own. It sends less than a pipe holds.
    private func assertEchoes(_ address: SocketAddress) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let script = Script.random(seed: seed, total: 50_000)
        let expected = try script.expectedTranscript()
        XCTAssertNil(try script.play(to: address).firstDifference(from: expected), "seed \(seed)")
    }

    private func withSocat(_ body: (SocketAddress) throws -> Void) throws {
        let socat = try RunningProgram.ofTheMachine(
            "socat",
            ["-d", "-d", "-t10", "TCP-LISTEN:0,bind=127.0.0.1", "PIPE"]
        )
        defer { socat.end() }
        try body(socat.listeningAddress())
    }

    private func withXinetd(_ body: (SocketAddress) throws -> Void) throws {
        let folder = try ScratchFolder()
        // Somebody else may take the port in between.
        for _ in 1...3 {
            let port = try FreePort.reserve()
            try folder.write(xinetdConfiguration(port: port), to: "echo.conf")
            let files = ["-f", "\(folder.path)/echo.conf", "-pidfile", "\(folder.path)/pid"]
            let xinetd = try RunningProgram.ofTheMachine(
                "xinetd",
                ["-dontfork", "-filelog", "/dev/stderr"] + files
            )
            defer { xinetd.end() }
            if xinetd.line(containing: "Started working: 1") != nil { return try body(.loopback(port)) }
        }
        throw XCTSkip("xinetd serves no echo here")
    }

    private func xinetdConfiguration(port: UInt16) -> String {
        """
        service echo
        {
            type = INTERNAL UNLISTED
            id = echo-stream
            socket_type = stream
            protocol = tcp
            bind = 127.0.0.1
            port = \(port)
            user = \(NSUserName())
            wait = no
        }
        """
    }
}
