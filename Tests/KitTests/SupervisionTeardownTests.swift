import Foundation
import Supervision
import XCTest

/// Nothing is left, whatever the program does, and whenever the kit ends.
final class SupervisionTeardownTests: XCTestCase {
    func testLetsAProgramEndByItself() throws {
        let program = try run("trap 'echo bye; exit 4' TERM; echo $$; while :; do sleep 0.01; done")
        _ = try process(program)
        XCTAssertEqual(program.end(Teardown(grace: .seconds(10))), .exited(4))
        XCTAssertEqual(program.observed.outputLines.last, "bye")
        XCTAssertEqual(program.end(), .exited(4), "the second time as the first")
    }

    func testEndsAProgramThatIgnoresTheSignal() throws {
        let program = try run("trap '' TERM; echo $$; while :; do sleep 0.01; done")
        let process = try process(program)
        XCTAssertEqual(program.end(Teardown(grace: .milliseconds(20))), .signalled(SIGKILL))
        XCTAssertFalse(exists(process))
    }

    func testEndsAProgramThatIsStopped() throws {
        let program = try run("trap '' TERM; echo $$; kill -STOP $$")
        let process = try process(program)
        XCTAssertEqual(program.end(Teardown(grace: .milliseconds(20))), .signalled(SIGKILL))
        XCTAssertFalse(exists(process))
    }

    func testEndsAProgramThatNobodyHoldsAnyMore() throws {
        var program: RunningProgram? = try run("echo $$; exec sleep 100")
        let process = try process(XCTUnwrap(program))
        program = nil
        XCTAssertFalse(exists(process))
    }

    func testSignalsTheProgram() throws {
        let program = try run("trap 'echo got it' USR1; echo $$; while :; do sleep 0.01; done")
        _ = try process(program)
        program.signal(SIGUSR1)
        XCTAssertNotNil(program.wait(.seconds(10)) { $0.outputLines.last == "got it" ? true : nil })
    }

    #if os(Linux)
    func testEndsWhatLeftTheGroupAndTheSession() throws {
        let program = try run("setsid sh -c 'trap \"\" TERM; echo $$; exec sleep 100' & wait; echo never")
        let grandchild = try process(program)
        program.end(.kill)
        XCTAssertFalse(exists(grandchild))
    }

    func testEndsWhatAProgramLeavesBehindAndCountsIt() throws {
        let program = try run("(setsid sleep 100 & echo $!); (sleep 100 & echo $!)")
        let orphans = try [process(program), process(program, line: 1)]
        let seen = try everything(of: program)
        XCTAssertEqual(seen.ending, .exited(0))
        XCTAssertEqual(seen.usage?.descendantsLeft, 2)
        XCTAssertFalse(orphans.contains(where: exists))
    }

    func testLetsWhatAProgramLeavesBehindGoOnForATime() throws {
        let script = "exec 3<&0; sh -c 'read line; echo $line' <&3 &"
        let program = try run(script) { $0.limits.lingering = .seconds(10) }
        XCTAssertEqual(program.waitForEnding(.seconds(10)), .exited(0))
        XCTAssertEqual(program.processes().count, 1)
        try program.send(Array("still here\n".utf8))
        XCTAssertEqual(try everything(of: program).outputLines, ["still here"])
    }

    func testEndsAProgramThatKillsItsWarden() throws {
        let program = try run("pwd; read line; kill -9 $PPID; while :; do :; done")
        let folder = try XCTUnwrap(program.wait(.seconds(10)) { $0.outputLines.first })
        try program.send(Array("now\n".utf8))
        XCTAssertEqual(try everything(of: program).ending, .signalled(SIGKILL))
        XCTAssertFalse(FileManager.default.fileExists(atPath: folder))
        XCTAssertNotNil(until { self.runs(program.processIdentifier) ? nil : true })
    }

    func testEndsProcessesThatKeepMoving() throws {
        // Each is the child of one that has ended, at most some hundreds of them.
        let script = "if [ $1 -gt 0 ]; then sh hop $(($1 - 1)) & fi"
        let program = try run("echo '\(script)' >hop; echo $$; sh hop 400; exec sleep 100")
        _ = try process(program)
        program.end(.kill)
        XCTAssertEqual(program.processes(), [])
    }

    // MARK: The kit is killed

    /// Runs this test's own program as a kit that runs a program, and returns both, with that program's
    /// folder.
    private func runKit() throws -> (kit: RunningProgram, program: pid_t, folder: String) {
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var launch = Launch(executable, ["KitTests.SupervisionTeardownTests/testRunsAProgramAsAKitOfItsOwn"])
        launch.environment = ["PATH": "/usr/bin:/bin", "SUPERVISION_KIT": "1"]
        launch.limits.lingering = .seconds(30)
        let kit = try RunningProgram(launch)
        let line = kit.wait(.seconds(10)) { $0.outputLines.first { $0.hasPrefix("runs ") } }
        let words = try XCTUnwrap(line, kit.observed.outputText).split(separator: " ")
        return (kit, try XCTUnwrap(pid_t(words[1])), String(words[2]))
    }

    /// What ``runKit()`` runs. By itself it is no test.
    func testRunsAProgramAsAKitOfItsOwn() throws {
        let isKit = ProcessInfo.processInfo.environment["SUPERVISION_KIT"] != nil
        if !isKit { throw XCTSkip("part of other tests") }
        let program = try run("touch file; setsid sleep 100 & echo $(pwd); wait")
        let folder = try XCTUnwrap(program.wait(.seconds(10)) { $0.outputLines.first })
        print("runs \(program.processIdentifier) \(folder)")
        fflush(nil)
        _ = program.waitForEnding(.seconds(60))
    }

    func testLeavesNothingWhenTheKitIsKilled() throws {
        let (kit, program, folder) = try runKit()
        XCTAssertTrue(exists(program))
        kit.signal(SIGKILL)
        // The kit's own warden ends nothing for half a minute: this is the work of the program's.
        XCTAssertNotNil(until { kit.processes().isEmpty ? true : nil })
        XCTAssertFalse(exists(program))
        XCTAssertFalse(FileManager.default.fileExists(atPath: folder))
    }

    func testLeavesNothingWhenTheKitIsEndedByAKit() throws {
        let (kit, program, folder) = try runKit()
        XCTAssertEqual(kit.end(.kill), .signalled(SIGKILL))
        XCTAssertFalse(exists(program))
        XCTAssertFalse(FileManager.default.fileExists(atPath: folder))
    }

    /// Looks again and again, until there is a value or ten seconds have passed.
    private func until(_ condition: () -> Bool?) -> Bool? {
        let witness = try? run("exec sleep 100")
        return witness?.wait(.seconds(10)) { _ in condition() }
    }
    #endif
}
