import Foundation
import Supervision
import XCTest

/// Programs that use more than they may.
final class SupervisionLimitTests: XCTestCase {
    func testEndsAProgramThatHangs() throws {
        let program = try run("trap '' TERM; sleep 100") { $0.limits.wall = .milliseconds(50) }
        XCTAssertEqual(try everything(of: program).ending, .limit(.wall))
    }

    func testEndsAProgramThatSpins() throws {
        let program = try run("while :; do :; done") { $0.limits.processorTime = .milliseconds(100) }
        let seen = try everything(of: program)
        XCTAssertEqual(seen.ending, .limit(.processorTime))
        XCTAssertGreaterThan(try XCTUnwrap(seen.usage).processorTime, .milliseconds(100))
    }

    func testKeepsAsMuchOutputAsItMay() throws {
        let seen = try everything(of: run("yes") { $0.limits.output = 100_000 })
        XCTAssertEqual(seen.ending, .limit(.output))
        XCTAssertEqual(seen.output.count, 100_000)
    }

    func testDropsWhatIsTooMuchForTheChannel() throws {
        let program = try run("echo kept >&9; yes | head -c 200000 >&9; echo done") {
            $0.channel = 9
            $0.limits.channel = 10_000
        }
        let seen = try everything(of: program)
        XCTAssertEqual(seen.ending, .exited(0))
        XCTAssertTrue(seen.channelOverflowed)
        XCTAssertEqual(seen.channelLines.first, "kept")
        XCTAssertLessThan(seen.channelLines.count, 5000)
    }

    func testEndsAProgramThatWritesLargeFiles() throws {
        let program = try run("exec head -c 100000 /dev/zero >file") { $0.limits.fileSize = 10_000 }
        XCTAssertEqual(try everything(of: program).ending, .limit(.fileSize))
    }

    func testGivesAsManyDescriptorsAsItMay() throws {
        XCTAssertEqual(try everything(of: run("ulimit -n") { $0.limits.openFiles = 77 }).outputLines, ["77"])
    }

    #if os(Linux)
    func testEndsAProgramThatEatsMemory() throws {
        let program = try run("head -c 1000000000 /dev/zero | tail") { $0.limits.memory = 50_000_000 }
        let seen = try everything(of: program)
        XCTAssertEqual(seen.ending, .limit(.memory))
        XCTAssertGreaterThan(try XCTUnwrap(seen.usage).peakMemory, 50_000_000)
    }

    func testEndsAProgramThatForks() throws {
        let program = try run("for i in $(seq 200); do setsid sleep 100 & done; echo all; wait") {
            $0.limits.processes = 20
        }
        XCTAssertEqual(try everything(of: program).ending, .limit(.processes))
        XCTAssertEqual(program.processes(), [])
    }
    #endif
}
