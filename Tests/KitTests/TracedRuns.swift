import Course
import Foundation
import Supervision
import XCTest

/// A program that makes the socket calls which its arguments name, one after another, and tells what it saw
/// of each.
enum TracedProgram {
    /// Compiled once a run of the tests; nil where there is no compiler of C, or it could not.
    static let path: String? = {
        guard let compiler, let folder = folder?.path else { return nil }
        let build = Process()
        build.executableURL = URL(filePath: compiler)
        build.arguments = ["-std=gnu11", "-pthread", "-o", "\(folder)/calls", "\(folder)/calls.c"]
        guard (try? build.run()) != nil else { return nil }
        build.waitUntilExit()
        return build.terminationStatus == 0 ? "\(folder)/calls" : nil
    }()

    private static let folder: ScratchFolder? = {
        guard let folder = try? ScratchFolder() else { return nil }
        // What a static property holds is never deinitialised.
        atexit {
            guard let path = TracedProgram.folder?.path else { return }
            try? FileManager.default.removeItem(atPath: path)
        }
        try? folder.write(source, to: "calls.c")
        return folder
    }()

    /// The one that comes with Swift lies beside swiftc.
    private static var compiler: String? {
        let swiftc = onPath("swiftc").map { URL(filePath: $0) }
        let places = [swiftc, swiftc?.resolvingSymlinksInPath()].compactMap { $0 }
            .map { $0.deletingLastPathComponent().appending(path: "clang").path }
        return places.first(where: FileManager.default.isExecutableFile) ?? onPath("clang")
    }

    static func arguments(_ words: String) -> [String] { words.split(separator: " ").map(String.init) }

    /// A program of the machine's own.
    static func onPath(_ name: String) -> String? {
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return search.split(separator: ":").map { "\($0)/\(name)" }
            .first(where: FileManager.default.isExecutableFile)
    }

    /// A server and its client, in one program: 3 listens, 4 connects, 5 is accepted.
    static let conversation = """
        socket setsockopt:3 bind:3 listen:3 getsockname:3 socket connect:4 poll:4 getpeername:4 accept:3 \
        send:4 recv:5 sendto:5 recvfrom:4 write:4 read:5 recv:5:1 fcntl:5 dup:5 close:6 \
        shutdown:4 recv:5 writev:5 readv:4 sendmsg:5 recvmsg:4 select:4 pselect:4 shutdown:3 bind:4 \
        getpeername:3 connect:5 close:5 recv:4 close:4 close:3 close:3 send:4 recv:3 shutdown:3 exit:7
        """
}

/// Runs of it with the recorder in it.
extension XCTestCase {
    /// The built recorder, and the program that makes calls.
    func recorderAndProgram() throws -> (recorder: Recorder, program: String) {
        guard let library = Products.besideThisProgram.recorder else {
            throw XCTSkip("the recorder is not built: swift build --product CSocketTrace")
        }
        guard let program = TracedProgram.path else {
            throw XCTSkip("there is no compiler of C, or it failed: see above")
        }
        return (Recorder(library: library), program)
    }

    /// Starts the program with words for its calls. The faults may be such as ``Recorder/faults`` can't be.
    func start(_ words: String, faults: String? = nil, hosts: String? = nil) throws -> RunningProgram {
        let (recorder, program) = try recorderAndProgram()
        var launch = Launch(program, TracedProgram.arguments(words))
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

extension SocketCall {
    /// The character of its phase.
    var sign: String { String(UnicodeScalar(phase.rawValue)) }
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

    /// - Parameter line: of the program. `raw_read` is a read made by syscall(2), `getaddrinfo_4` asks for
    ///   IPv4.
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
