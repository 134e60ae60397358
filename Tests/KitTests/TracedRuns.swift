import Course
import Foundation
import Supervision
import XCTest

/// Runs of ``TracedProgram`` with the recorder in it.
extension XCTestCase {
    /// The built recorder, and the program that makes calls.
    func recorderAndProgram() throws -> (recorder: Recorder, program: String) {
        guard let library = Products.besideThisProgram.recorder else {
            throw XCTSkip("the recorder is not built: swift build --product CSocketTrace")
        }
        guard let program = TracedProgram.path else { throw XCTSkip("there is no compiler of C") }
        return (Recorder(library: library), program)
    }

    /// Starts the program with words for its calls.
    func start(_ words: String, faults: String? = nil, hosts: String? = nil) throws -> RunningProgram {
        let (recorder, program) = try recorderAndProgram()
        var launch = Launch(program, words.split(separator: " ").map(String.init))
        recorder.add(to: &launch)
        launch.environment["LAB_TRACE_FAULTS"] = faults
        launch.environment["LAB_TRACE_HOSTS"] = hosts
        return try RunningProgram(launch)
    }

    /// Runs the program to its end, and holds the records of its calls against what it saw of them itself.
    func trace(_ words: String, faults: String? = nil, hosts: String? = nil, line: UInt = #line) throws
        -> Observation
    {
        let seen = try everything(of: start(words, faults: faults, hosts: hosts))
        let recorded = seen.records.filter(\.hasReturned)
        let names = Set(recorded.map(\.name))
        let told = seen.outputLines.compactMap(Told.init).filter { names.contains($0.name) }
        XCTAssertTrue(seen.recorderLoaded, line: line)
        XCTAssertEqual(seen.channelLines, [], "every line is a record", line: line)
        // The parent may come back from fork(2) before or after its child.
        XCTAssertEqual(
            recorded.map(Told.init).filter { $0.name != "fork" },
            told.filter { $0.name != "fork" },
            line: line
        )
        return seen
    }

    /// What a call that failed leaves in the output, or in ``Told/description``.
    func failed(_ name: String, _ error: Int32) -> String { "\(name) -1 \(error)" }
}

/// A call's name, its result, and its errno or 0.
struct Told: Equatable, CustomStringConvertible {
    let name: String
    let result: Int
    let error: Int32

    var description: String { "\(name) \(result) \(error)" }

    init(_ call: SocketCall) {
        (name, result, error) = (call.name, call.result ?? 0, call.errno ?? 0)
    }

    /// - Parameter line: of the program. `raw_read` is a read made by syscall(2), `getaddrinfo_4` asks for IPv4.
    init?(_ line: String) {
        let fields = line.split(separator: " ")
        guard fields.count > 2, let result = Int(fields[1]), let error = Int32(fields[2]) else { return nil }
        let word = String(fields[0])
        name =
            word.hasPrefix("raw_")
            ? String(word.dropFirst(4)) : word.hasPrefix("getaddrinfo") ? "getaddrinfo" : word
        (self.result, self.error) = (result, error)
    }
}
