import Foundation
import Supervision
import XCTest

/// What is seen of a program from outside, and what its recorded calls say.
final class SupervisionInsightTests: XCTestCase {
    func testReadsARecord() throws {
        let line = "<\t12\t13\t4500000000\taccept4\t-1\t11\t3\t127.0.0.1:7007"
        let call = try XCTUnwrap(SocketCall(line.utf8))
        XCTAssertEqual(call.phase, .returned)
        XCTAssertEqual([call.process, call.thread, call.descriptor], [12, 13, 3])
        XCTAssertEqual(call.time, 4_500_000_000)
        XCTAssertEqual([call.name, call.family.rawValue], ["accept4", "accept"])
        XCTAssertEqual(call.result, -1)
        XCTAssertEqual(call.errno, 11)
        XCTAssertEqual(call.arguments, ["3", "127.0.0.1:7007"])
    }

    func testReadsTheRecordOfARawCall() throws {
        let call = try XCTUnwrap(SocketCall(">\t1\t1\t1\tsyscall\t-\t-\trecvfrom\t4".utf8))
        XCTAssertEqual([call.name, call.family.rawValue], ["recvfrom", "recv"])
        XCTAssertEqual(call.arguments, ["4"])
        XCTAssertTrue(call.isRaw)
        XCTAssertNil(call.result)
        XCTAssertNil(call.errno)
    }

    func testTakesNothingElseForARecord() {
        for line in ["", "hello", "<\t1\t1\t1\tbind\t0", "?\t1\t1\t1\tbind\t0\t0", "<\tx\t1\t1\tbind\t0\t0"] {
            XCTAssertNil(SocketCall(line.utf8), line)
        }
    }

    func testTellsInWhichCallAProgramStands() throws {
        let lines = [
            "!\t1\t1\t1\tloaded\t0\t0", ">\t1\t1\t2\taccept\t-\t-\t3", "<\t1\t1\t3\taccept\t4\t0\t3",
            ">\t1\t1\t4\tread\t-\t-\t4", ">\t1\t2\t5\taccept\t-\t-\t3",
        ]
        let script = "printf '\(lines.joined(separator: "\n"))\n' >&9; exec sleep 100"
        var launch = Launch("/bin/sh", ["-c", script])
        var recorder = Recorder(library: "")
        recorder.faults = [.init(.accept, 1, "EINTR"), .init(.send, .every, "short=1")]
        recorder.descriptor = 9
        recorder.add(to: &launch)
        XCTAssertEqual(launch.environment["LAB_TRACE_FAULTS"], "accept:1:EINTR;send:*:short=1")

        let program = try RunningProgram(launch)
        XCTAssertNotNil(program.wait(.seconds(10)) { $0.blockedCall(.accept) })
        let seen = program.observed
        XCTAssertTrue(seen.recorderLoaded)
        XCTAssertEqual(seen.calls(.accept).map(\.result), [4])
        XCTAssertEqual(seen.blockedCalls.map(\.name), ["read", "accept"])
        XCTAssertEqual(seen.blockedCall(.accept)?.thread, 2)
    }

    #if os(Linux)
    func testTellsTheProcessesOfAProgram() throws {
        let program = try run("sleep 100 & echo $!; kill -STOP $!; wait $!")
        let child = try process(program)
        let states = program.wait(.seconds(10)) { _ in
            let states = program.processes()
            return states.last?.state == "T" ? states : nil
        }
        XCTAssertEqual(states?.map(\.identifier), [program.processIdentifier, child])
        XCTAssertEqual(states?.last?.parent, program.processIdentifier)
        XCTAssertEqual(states?.map(\.threads), [1, 1])
        XCTAssertTrue(program.signal(SIGKILL, process: child))
        XCTAssertFalse(program.signal(SIGKILL, process: getpid()))
        XCTAssertEqual(program.waitForEnding(.seconds(10)), .exited(137))
    }

    func testTellsAProgramThatWaitsFromOneThatSpins() throws {
        XCTAssertTrue(try RunningProgram(Launch("/bin/sleep", ["100"])).isIdle(over: .milliseconds(20)))
        let spinning = try run("echo; while :; do :; done")
        XCTAssertNotNil(spinning.wait(.seconds(10)) { $0.outputLines.first })
        XCTAssertFalse(spinning.isIdle(over: .milliseconds(20)))
        XCTAssertGreaterThan(spinning.processorUse().running, .zero)
    }

    func testTellsTheSocketsThatAProgramHolds() throws {
        // Those of this test: which process holds them is all the same.
        let program = try RunningProgram(Launch("/bin/sleep", ["100"]))
        XCTAssertEqual(try program.sockets(), [])
        let (bound, listening) = (try boundSocket(), try boundSocket())
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { for descriptor in [bound, listening, client] { close(descriptor) } }
        XCTAssertEqual(listen(listening, 1), 0)

        let seen = try program.sockets(of: getpid())
        func held(_ descriptor: Int32) throws -> HeldSocket {
            try XCTUnwrap(seen.first { $0.descriptor == descriptor })
        }
        XCTAssertEqual(try held(bound).state, .unconnected)
        XCTAssertEqual(try held(bound).local?.hasPrefix("127.0.0.1:"), true)
        XCTAssertEqual(try held(listening).state, .listen)
        XCTAssertEqual(try held(listening).transport, "TCP")
        XCTAssertNil(try held(client).local)
        XCTAssertNil(try held(client).remote)
    }

    func testTellsThatAProcessCanNotBeSeen() throws {
        let program = try RunningProgram(Launch("/bin/sleep", ["100"]))
        XCTAssertThrowsError(try program.sockets(of: 0)) { error in
            XCTAssertEqual("\(error)", "/proc/0/fd: No such file or directory")
        }
    }

    private func boundSocket() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let result = withUnsafeBytes(of: &address) {
            bind(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        XCTAssertEqual(result, 0)
        return descriptor
    }
    #endif
}
