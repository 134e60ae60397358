import Foundation
import ReferenceEcho
import Sockets
import XCTest

/// The reference against programs that this project did not write.
final class RealPeerTests: XCTestCase {
    func testTheClientAgreesWithSocat() throws {
        let socat = try ForeignProgram("socat", ["-d", "-d", "-t10", "TCP-LISTEN:0,bind=127.0.0.1", "PIPE"])
        defer { socat.end() }
        let line = try XCTUnwrap(socat.line(containing: "listening on"))
        let address = try XCTUnwrap(line.split(separator: " ").last.flatMap { SocketAddress(String($0)) })
        try assertEchoes(address)
    }

    func testTheClientAgreesWithXinetd() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("socket-lab-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        // Somebody else may take the port in between.
        for _ in 1...3 {
            let port = try FreePort.reserve()
            let file = folder.appendingPathComponent("echo.conf").path
            try xinetdConfiguration(port: port).write(toFile: file, atomically: true, encoding: .utf8)
            let pid = folder.appendingPathComponent("pid").path
            let xinetd = try ForeignProgram(
                "xinetd",
                ["-dontfork", "-f", file, "-pidfile", pid, "-filelog", "/dev/stderr"]
            )
            defer { xinetd.end() }
            if xinetd.line(containing: "Started working: 1") != nil {
                return try assertEchoes(.loopback(port))
            }
        }
        throw XCTSkip("xinetd serves no echo here")
    }

    func testNetcatAgreesWithTheServer() throws {
        let server = try EchoServer.start()
        let netcat = try ForeignProgram(
            "nc",
            ["-N", "127.0.0.1", "\(server.port)"],
            input: Payload.everyByteValue
        )
        defer { netcat.end() }
        XCTAssertEqual(netcat.rest(), Payload.everyByteValue)
    }

    func testSocatAgreesWithTheServer() throws {
        let server = try EchoServer.start()
        let bytes = Payload.pattern(count: 50_000)
        let socat = try ForeignProgram("socat", ["-t10", "-", "TCP:\(server.address)"], input: bytes)
        defer { socat.end() }
        XCTAssertNil(Payload.firstDifference(expected: bytes, seen: socat.rest()))
    }

    /// Plays a script against the server at `address` and against our own. It sends less than a pipe holds.
    private func assertEchoes(_ address: SocketAddress) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let script = Script.random(seed: seed, total: 50_000)
        let expected = try script.expectedTranscript()
        XCTAssertNil(try script.play(to: address).firstDifference(from: expected), "seed \(seed)")
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

/// A program of the machine's own, whose standard output and standard error we read together.
private final class ForeignProgram {
    private let process = Process()
    private let output = Pipe()
    private var unread: [UInt8] = []

    /// Skips the test where the program is not installed.
    init(_ name: String, _ arguments: [String], input: [UInt8] = []) throws {
        let search = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin") + ":/usr/sbin"
        let path = search.split(separator: ":").map { "\($0)/\(name)" }.first(
            where: FileManager.default.isExecutableFile(atPath:)
        )
        guard let path else { throw XCTSkip("\(name) is not installed") }

        let standardInput = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // Less than a pipe holds, so that writing doesn't wait.
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input))
        try standardInput.fileHandleForWriting.close()
    }

    /// Waits for a line that contains `text`, and returns it; nil where the program ended without one.
    func line(containing text: String) -> String? {
        repeat {
            let lines = String(decoding: unread, as: UTF8.self).split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            if let line = lines.dropLast().first(where: { $0.contains(text) }) { return String(line) }
        } while readMore()
        return nil
    }

    /// Waits for the end of the output, and returns all of it.
    func rest() -> [UInt8] {
        while readMore() {}
        return unread
    }

    private func readMore() -> Bool {
        let handle = output.fileHandleForReading
        var deadline = Deadline(.seconds(5))
        let events = try? waitFor(.readable, on: handle.fileDescriptor, until: &deadline)
        if events?.isEmpty ?? true { return false }
        let bytes = handle.availableData
        unread += bytes
        return !bytes.isEmpty
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }
}
