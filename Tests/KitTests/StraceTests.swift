import Foundation
import Supervision
import XCTest

/// The records of socket calls, held against what strace(1) saw of the same run.
final class StraceTests: XCTestCase {
    func testItRecordsWhatStraceSees() throws {
        let (recorder, program) = try recorderAndProgram()
        guard let strace = TracedProgram.onPath("strace") else { throw XCTSkip("strace is not installed") }
        let folder = try ScratchFolder()
        // A thread's calls go to a file of its own. `?` is for a call that a machine may not have.
        let calls = "network,close,read,readv,write,writev,dup,fcntl,?poll,?ppoll,?select,pselect6"
        let options = ["-ff", "-y", "-o", "\(folder.path)/strace", "-e", "trace=\(calls)"]
        let words = "pair fork send:3 recv:4 close:4 close:3 " + TracedProgram.conversation
        var launch = Launch(strace, options)
        recorder.add(to: &launch)
        // For the program, and not for strace itself.
        let preloaded = try XCTUnwrap(launch.environment.removeValue(forKey: "LD_PRELOAD"))
        launch.arguments += ["-E", "LD_PRELOAD=\(preloaded)", program] + TracedProgram.arguments(words)
        let seen = try everything(of: RunningProgram(launch))
        if seen.errorText.contains("ptrace") { throw XCTSkip("strace is not permitted here") }
        XCTAssertEqual(seen.ending, .exited(7), seen.errorText)

        let threads = Dictionary(grouping: seen.records, by: \.thread)
        XCTAssertEqual(threads.count, 2, "the program, and the child that it forks")
        for (thread, records) in threads {
            let returned = records.filter { $0.hasReturned && $0.name != "fork" }
            let text = try String(contentsOfFile: "\(folder.path)/strace.\(thread)", encoding: .utf8)
            let calls = StracedCall.calls(in: text, recordedTo: recorder.descriptor)
            XCTAssertEqual(returned.map(StracedCall.init), calls)
            XCTAssertGreaterThan(calls.count, 40)
        }
    }
}

/// A socket call, as strace(1) and the recorder both tell it.
private struct StracedCall: Equatable, CustomStringConvertible {
    let name: String
    /// The first argument, where it is a descriptor.
    let descriptor: Int32?
    let result: Int
    /// What strerror(3) says, where it failed.
    let error: String?

    var description: String {
        "\(name)(\(descriptor.map { "\($0)" } ?? "…")) = \(result) \(error ?? "")"
    }

    init(_ call: SocketCall) {
        name = Self.systemCalls[call.name] ?? call.name
        descriptor = name == "poll" ? nil : call.descriptor
        result = call.result ?? 0
        error = call.errno.map { String(cString: strerror($0)) }
    }

    /// The system calls that libc makes for those of another name; of those that wait, which one differs.
    private static let systemCalls = [
        "send": "sendto", "recv": "recvfrom",
        "ppoll": "poll", "select": "poll", "pselect": "poll", "pselect6": "poll",
    ]

    /// - Parameter line: as `close(3<socket:[712]>) = -1 EIO (Input/output error)`. Nil: no socket call.
    private init?(_ line: Substring) {
        guard let open = line.firstIndex(of: "("), let equals = line.range(of: " = ", options: .backwards)
        else { return nil }
        let call = String(line[..<open])
        let arguments = line[line.index(after: open)..<equals.lowerBound]
        let outcome = line[equals.upperBound...]
        // Flags, which fcntl(2) returns, are shown as 0x2, descriptors as 4<socket:[713]>.
        let number = outcome.prefix { $0 != " " && $0 != "<" }
        let result = number.hasPrefix("0x") ? Int(number.dropFirst(2), radix: 16) : Int(number)
        guard call != "socketpair", let result else { return nil }
        name = Self.systemCalls[call] ?? call
        descriptor = name == "poll" ? nil : Int32(arguments.prefix { $0.isNumber })
        self.result = result
        error = result == -1 ? outcome.split(separator: "(").last.map { String($0.dropLast()) } : nil
        // Files that the loader reads have descriptors too.
        let isOnSocket = arguments.drop { $0.isNumber }.hasPrefix("<socket:[") || outcome.contains("EBADF")
        let takesFiles = ["read", "readv", "write", "writev", "close", "dup", "fcntl"].contains(name)
        if takesFiles && !isOnSocket { return nil }
    }

    /// The program's calls in a thread's output of strace.
    ///
    /// - Parameter descriptor: of the pipe that the recorder writes to. It makes calls too, to learn
    ///   the address of a peer, but between the return of the program's own call and its record.
    static func calls(in text: String, recordedTo descriptor: Int32) -> [StracedCall] {
        var isRecorded = true
        return text.split(separator: "\n").compactMap { line in
            if line.hasPrefix("write(\(descriptor)<") {
                isRecorded = isRecorded || line.contains(#", "<\t"#)
                return nil
            }
            guard isRecorded, let call = StracedCall(line) else { return nil }
            isRecorded = false
            return call
        }
    }
}
