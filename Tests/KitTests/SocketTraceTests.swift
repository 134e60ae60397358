import Foundation
import Supervision
import XCTest

/// The recorder of socket calls: it records what happens, and changes nothing.
final class SocketTraceTests: XCTestCase {
    /// A server and its client, in one program: 3 listens, 4 connects, 5 is accepted.
    private let conversation = """
        socket setsockopt:3 bind:3 listen:3 getsockname:3 socket connect:4 poll:4 getpeername:4 accept:3 \
        send:4 recv:5 sendto:5 recvfrom:4 write:4 read:5 recv:5:\(MSG_DONTWAIT.rawValue) fcntl:5 dup:5 close:6 \
        shutdown:4 recv:5 writev:5 readv:4 sendmsg:5 recvmsg:4 select:4 pselect:4 shutdown:3 bind:4 \
        getpeername:3 connect:5 close:5 recv:4 close:4 close:3 close:3 send:4 recv:3 shutdown:3 exit:7
        """

    func testItRecordsWhatStraceSees() throws {
        let (recorder, program) = try recorderAndProgram()
        guard let strace = TracedProgram.onPath("strace") else { throw XCTSkip("strace is not installed") }
        let folder = try ScratchFolder()
        // A thread's calls go to a file of its own. `?` is for a call that a machine may not have.
        let calls = """
            network,close,read,readv,write,writev,dup,fcntl,?poll,?ppoll,?select,pselect6
            """
        let words = "pair fork send:3 recv:4 close:4 send:3:0 close:3 ".replacing("send:3:0 ", with: "") + conversation
        var launch = Launch(
            strace,
            ["-ff", "-y", "-o", "\(folder.path)/strace", "-e", "trace=\(calls)", "-E", "LD_PRELOAD=\(recorder.library)"]
                + [program] + words.split(separator: " ").map(String.init)
        )
        recorder.add(to: &launch)
        launch.environment["LD_PRELOAD"] = nil
        let seen = try everything(of: RunningProgram(launch))
        if seen.errorText.contains("ptrace") { throw XCTSkip("strace is not permitted here") }
        XCTAssertEqual(seen.ending, .exited(7), seen.errorText)

        let threads = Dictionary(grouping: seen.records, by: \.thread)
        XCTAssertEqual(threads.count, 2, "the program, and the child that it forks")
        for (thread, records) in threads {
            let returned = records.filter { $0.hasReturned && $0.name != "fork" }
            let text = try String(contentsOfFile: "\(folder.path)/strace.\(thread)", encoding: .utf8)
            XCTAssertEqual(returned.map(StraceLine.init), StraceLine.calls(in: text, besides: recorder.descriptor))
        }
    }

    func testItChangesNothing() throws {
        let (_, program) = try recorderAndProgram()
        let alone = try everything(of: RunningProgram(Launch(program, conversation.split(separator: " ").map(String.init))))
        let recorded = try trace(conversation)
        XCTAssertEqual(recorded.outputText, alone.outputText)
        XCTAssertEqual(recorded.outputLines.count, 38, recorded.outputText)
        XCTAssertEqual([recorded.ending, alone.ending], [.exited(7), .exited(7)])
        XCTAssertEqual([recorded.errorText, alone.errorText], ["", ""])
        XCTAssertEqual(alone.records, [])
    }

    func testItTellsArgumentsByTheirNames() throws {
        let seen = try trace("socket setsockopt:3 bind:3 listen:3 getsockname:3 socket connect:4 accept:3 send:4 "
            + "recv:5 shutdown:4 close:3")
        let listener = try XCTUnwrap(seen.calls(.getsockname).first?.arguments.last)
        let client = try XCTUnwrap(seen.calls(.accept).first?.arguments.last)
        XCTAssertTrue(listener.hasPrefix("127.0.0.1:"), listener)
        XCTAssertEqual(
            seen.records.map { ([$0.phase.sign, $0.name] + $0.arguments).joined(separator: " ") },
            [
                "! loaded",
                "< socket AF_INET SOCK_STREAM 0",
                "< setsockopt 3 SOL_SOCKET SO_REUSEADDR 1",
                "< bind 3 127.0.0.1:0 16",
                "< listen 3 5",
                "< getsockname 3 \(listener)",
                "< socket AF_INET SOCK_STREAM 0",
                "> connect 4 \(listener) 16", "< connect 4 \(listener) 16",
                "> accept 3 -", "< accept 3 \(client)",
                "> send 4 \"hello\" 5 0 -", "< send 4 \"hello\" 5 0 -",
                "> recv 5 - 100 0 -", "< recv 5 \"hello\" 100 0 -",
                "< shutdown 4 SHUT_WR",
                "< close 3",
            ]
        )
    }

    func testTheProgramCanNotCloseItsDescriptor() throws {
        #if os(Linux)
        let ways = "close:200 raw_close:200 dup2:1:200 dup3:1:200"
        let seen = try everything(of: start("\(ways) pair close_range:3 raw_close_range:3 pair send:3 exit:7"))
        XCTAssertEqual(seen.outputLines.prefix(4), ["close", "raw_close", "dup2", "dup3"].map { failed($0, EBADF) }[...])
        XCTAssertEqual(seen.calls(.send).map(\.result), [5], seen.outputText)
        XCTAssertEqual(seen.blockedCalls, [])
        XCTAssertEqual(seen.records.last?.name, "exit")
        XCTAssertEqual(seen.channelLines, [])
        #endif
    }

    func testThreadsWriteWholeRecords() throws {
        let program = try start("threads")
        let seen = try everything(of: program)
        XCTAssertEqual(seen.ending, .exited(0))
        XCTAssertEqual(seen.channelLines, [])
        let calls = seen.records.filter { $0.phase != .note }
        XCTAssertEqual(Set(calls.map(\.process)), [program.processIdentifier])
        let threads = Dictionary(grouping: calls, by: \.thread).values
        XCTAssertEqual(threads.map(\.count), [2000, 2000, 2000, 2000])
        let order = (1...500).flatMap { _ in [">send", "<send", ">recv", "<recv"] }
        for records in threads { XCTAssertEqual(records.map { $0.phase.sign + $0.name }, order) }
        for records in threads { XCTAssertEqual(records.map(\.time), records.map(\.time).sorted()) }
    }

    func testAChildRecordsUnderItsOwnNumber() throws {
        let program = try start("pair fork send:3 exit:0")
        let seen = try everything(of: program)
        let forks = seen.calls(.fork)
        let child = try XCTUnwrap(forks.first { $0.result != 0 }?.result)
        XCTAssertEqual(Set(forks.map(\.process)), [program.processIdentifier, pid_t(child)])
        XCTAssertEqual(forks.first { $0.result == 0 }?.process, pid_t(child))
        XCTAssertEqual(seen.calls(.send).map(\.process), [pid_t(child), program.processIdentifier])
        XCTAssertEqual(seen.calls(.send).map(\.thread), [Int32(child), program.processIdentifier])
        XCTAssertEqual(seen.records.filter { $0.name == "loaded" }.count, 1)
    }

    func testSignalHandlersTearNoRecord() throws {
        let seen = try everything(of: start("pair interrupted"))
        XCTAssertEqual(seen.channelLines, [])
        XCTAssertEqual(seen.outputLines.last, "wrong 0", "errno is as the call left it")
        XCTAssertEqual(seen.outputLines.first, "made \(seen.calls(.recv).count)")
        XCTAssertEqual(seen.outputLines.dropFirst().first, "handled \(seen.calls(.send).count)")
        var entered: [String] = []
        for call in seen.records where call.phase != .note && call.family != .exit {
            if call.phase == .entered { entered.append(call.name) } else { XCTAssertEqual(entered.popLast(), call.name) }
        }
        XCTAssertEqual(entered, [])
    }

    func testAReaderThatIsGoneDoesNotEndTheProgram() throws {
        let seen = try everything(of: start("gone pair send:3 recv:4 exit:7"))
        XCTAssertEqual(seen.outputLines, ["send 5 0", "recv 5 0 hello"])
        XCTAssertEqual(seen.ending, .exited(7))
        XCTAssertEqual(seen.calls(.send), [])
        // SIGPIPE of a call of its own ends it, as it would without the recorder.
        for words in ["gone pair close:4 send:3", "pair close:4 send:3"] {
            XCTAssertEqual(try everything(of: start(words)).ending, .signalled(SIGPIPE))
        }
    }
}
