import Course
import Foundation
import Sockets
import Supervision
import XCTest

/// Programs that a test talks to: the machine's own, and what the kit built.
extension RunningProgram {
    /// Starts a program of the machine's; skips the test where it is not installed.
    ///
    /// - Parameter name: looked for as the shell does, and where daemons are.
    static func ofTheMachine(_ name: String, _ arguments: [String]) throws -> RunningProgram {
        let search = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin") + ":/usr/sbin"
        let path = search.split(separator: ":").map { "\($0)/\(name)" }.first(
            where: FileManager.default.isExecutableFile(atPath:)
        )
        guard let path else { throw XCTSkip("\(name) is not installed") }
        return try RunningProgram(Launch(path, arguments, environment: ["PATH": search]))
    }

    /// Starts a program that SwiftPM built beside this test.
    static func ofTheKit(_ name: String, _ arguments: [String]) throws -> RunningProgram {
        let path = try XCTUnwrap(Products.besideThisProgram.program(name), "\(name) is not built")
        return try RunningProgram(Launch(path, arguments))
    }

    /// Waits for a line that contains `text`, and returns it; nil where none comes.
    func line(containing text: String) -> String? {
        wait(.seconds(5)) { seen in
            let lines = (seen.outputText + seen.errorText).components(separatedBy: "\n").dropLast()
            return lines.first { $0.contains(text) }
        }
    }

    /// The address at the end of the line in which it tells where it listens.
    func listeningAddress() throws -> SocketAddress {
        let line = try XCTUnwrap(line(containing: "listening on"), "\(observed)")
        return try XCTUnwrap(line.split(separator: " ").last.flatMap { SocketAddress(String($0)) }, line)
    }

    /// Gives it `input`, and returns what it writes until it ends.
    func answer(to input: [UInt8]) throws -> [UInt8] {
        try send(input)
        closeInput()
        return try XCTUnwrap(wait(.seconds(10)) { $0.isOver ? $0.output : nil }, "\(observed)")
    }
}
