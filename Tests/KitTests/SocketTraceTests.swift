import Foundation
import Supervision
import XCTest

/// The recorder of socket calls: it records what happens, and changes nothing.
final class SocketTraceTests: XCTestCase {
    func testItChangesNothing() throws {
        let (_, program) = try recorderAndProgram()
        let launch = Launch(program, TracedProgram.arguments(TracedProgram.conversation))
        let alone = try everything(of: RunningProgram(launch))
        let recorded = try trace(TracedProgram.conversation)
        XCTAssertEqual(recorded.outputText, alone.outputText)
        XCTAssertEqual(recorded.outputLines.count, launch.arguments.count - 1, "all but the exit")
        XCTAssertEqual([recorded.ending, alone.ending], [.exited(7), .exited(7)])
        XCTAssertEqual([recorded.errorText, alone.errorText], ["", ""])
        XCTAssertEqual(alone.records, [])
    }

    func testItDoesNothingWithoutADescriptor() throws {
        let (recorder, program) = try recorderAndProgram()
        for descriptor in [nil, "", "777", "x"] {
            var launch = Launch(program, TracedProgram.arguments("pair send:3 recv:4"))
            recorder.add(to: &launch)
            launch.environment["LAB_TRACE_FD"] = descriptor
            launch.environment["LAB_TRACE_FAULTS"] = "send:*:EIO"
            let seen = try everything(of: RunningProgram(launch))
            XCTAssertEqual(seen.outputLines, ["send 5 0", "recv 5 0 hello"])
            XCTAssertFalse(seen.recorderLoaded)
        }
    }

    func testItsPathMayHoldWhatDividesAList() throws {
        var (recorder, program) = try recorderAndProgram()
        let folder = try ScratchFolder()
        let copy = "\(folder.path)/3. a:b"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: recorder.library, toPath: "\(copy)/recorder.so")
        recorder.library = "\(copy)/recorder.so"
        var launch = Launch(program, TracedProgram.arguments("pair send:3 recv:4"))
        recorder.add(to: &launch)
        let seen = try everything(of: RunningProgram(launch))
        XCTAssertTrue(seen.recorderLoaded)
        XCTAssertEqual(seen.errorText, "")
        XCTAssertEqual(seen.records.filter(\.hasReturned).map(\.name), ["send", "recv"])
    }

    func testItTellsArgumentsByTheirNames() throws {
        let seen = try trace(
            "socket setsockopt:3 bind:3 listen:3 getsockname:3 socket connect:4 accept:3 send:4 "
                + "recv:5 shutdown:4 close:3"
        )
        let listener = try XCTUnwrap(seen.calls(.getsockname).first?.arguments.last)
        let client = try XCTUnwrap(seen.calls(.accept).first?.arguments.last)
        XCTAssertTrue(listener.hasPrefix("127.0.0.1:"), listener)
        XCTAssertTrue(client.hasPrefix("127.0.0.1:"), client)
        XCTAssertEqual(
            seen.records.map { ([$0.sign, $0.name] + $0.arguments).joined(separator: " ") },
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

    func testWhatCanBlockIsEntered() throws {
        let calls: Set = [
            "connect", "accept", "poll", "select", "pselect", "send", "sendto", "sendmsg", "write", "writev",
            "recv", "recvfrom", "recvmsg", "read", "readv",
        ]
        let seen = try trace(TracedProgram.conversation)
        let returned = seen.records.filter { $0.hasReturned && calls.contains($0.name) }
        let entered = seen.records.filter { $0.phase == .entered }
        XCTAssertEqual(entered.map(\.name), returned.map(\.name) + ["exit"])
        XCTAssertEqual(Set(returned.map(\.name)), calls)
        #if os(Linux)
        // Without a time to wait it can't.
        XCTAssertEqual(try trace("epoll_wait:3").records.map(\.sign), ["!", "<"])
        #endif
    }

    func testTheProgramCanNotCloseItsDescriptor() throws {
        #if os(Linux)
        let ways = "close:239 raw_close:239 dup2:1:239 dup3:1:239"
        let seen = try everything(
            of: start("\(ways) pair close_range:3 raw_close_range:3 closefrom:3 pair send:3 exit:7")
        )
        XCTAssertEqual(
            Array(seen.outputLines.prefix(4)),
            ["close", "raw_close", "dup2", "dup3"].map { failed($0, EBADF) }
        )
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
        for records in threads { XCTAssertEqual(records.map { $0.sign + $0.name }, order) }
        for records in threads { XCTAssertEqual(records.map(\.time), records.map(\.time).sorted()) }
    }

    func testTheEndWaitsForTheRecordsOfOtherThreads() throws {
        var ends = ["", "exit:0", "_exit:0", "fork"]
        #if os(Linux)
        ends.append("raw_exit_group")
        #endif
        for end in ends {
            for _ in 1...10 {
                let seen = try everything(of: start("pair half-closed \(end)"))
                XCTAssertEqual(seen.calls(.shutdown).map(\.result), [0], end)
            }
        }
    }

    func testAChildRecordsUnderItsOwnNumber() throws {
        let program = try start("pair fork send:3 exit:0")
        let seen = try everything(of: program)
        let forks = seen.calls(.fork)
        let child = try XCTUnwrap(forks.first { $0.result != 0 }?.result)
        XCTAssertEqual(Set(forks.map(\.process)), [program.processIdentifier, pid_t(child)])
        XCTAssertEqual(forks.first { $0.result == 0 }?.process, pid_t(child))
        XCTAssertEqual(seen.calls(.send).map(\.process), [pid_t(child), program.processIdentifier])
        #if os(Linux)
        XCTAssertEqual(seen.calls(.send).map(\.thread), [Int32(child), program.processIdentifier])
        #endif
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
            if call.phase == .entered {
                entered.append(call.name)
            } else {
                XCTAssertEqual(entered.popLast(), call.name)
            }
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
