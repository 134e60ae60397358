import Foundation
import Supervision
import XCTest

/// What a program is given, and what is seen of it.
final class SupervisionTests: XCTestCase {
    func testTellsTheStatusOfAProgramThatExits() throws {
        XCTAssertEqual(try run("exit 3").waitForEnding(.seconds(10)), .exited(3))
    }

    func testTellsTheSignalThatEndedAProgram() throws {
        // SIGPIPE too: what the kit ignores or blocks is none of the program's business.
        for number in [SIGKILL, SIGTERM, SIGPIPE] {
            XCTAssertEqual(try run("kill -\(number) $$").waitForEnding(.seconds(10)), .signalled(number))
        }
    }

    func testTellsWhyAProgramCanNotBeStarted() throws {
        XCTAssertThrowsError(try RunningProgram(Launch("/no/such/program"))) { error in
            XCTAssertEqual("\(error)", "/no/such/program: execve: No such file or directory")
        }
        XCTAssertThrowsError(try RunningProgram(Launch("/"))) { error in
            XCTAssertEqual((error as? LaunchError)?.code, EACCES)
        }
    }

    func testGivesItsArgumentsAsTheyAre() throws {
        let arguments = ["-c", #"printf '%s|' "$@""#, "sh", "", "a b", "ü\n"]
        let seen = try everything(of: RunningProgram(Launch("/bin/sh", arguments)))
        XCTAssertEqual(seen.outputText, "|a b|ü\n|")
    }

    func testGivesItsEnvironmentAndNothingElse() throws {
        let launch = Launch("/usr/bin/env", environment: ["A": "1=2", "TMPDIR": "/"])
        XCTAssertEqual(Set(try everything(of: RunningProgram(launch)).outputLines), ["A=1=2", "TMPDIR=/"])
    }

    func testGivesNoDescriptorsButThoseOfTheProgram() throws {
        #if os(Linux)
        // The fourth is the folder that ls reads.
        let seen = try everything(of: RunningProgram(Launch("/bin/ls", ["/proc/self/fd"])))
        XCTAssertEqual(seen.outputLines, ["0", "1", "2", "3"])
        #endif
    }

    func testRunsInAFolderOfItsOwnThatIsGoneAfterwards() throws {
        let program = try run("pwd; mkdir -p a/b; touch a/b/c; chmod 0 a")
        let folder = try XCTUnwrap(everything(of: program).outputLines.first)
        XCTAssertTrue(folder.contains("socket-lab-"), folder)
        XCTAssertFalse(FileManager.default.fileExists(atPath: folder))
    }

    func testKeepsOutputAndErrorsApart() throws {
        let seen = try everything(of: run("printf a; printf b >&2; printf c; printf d >&2"))
        XCTAssertEqual(seen.outputText, "ac")
        XCTAssertEqual(seen.errorText, "bd")
    }

    func testHasAllOutputWhenItTellsTheEnd() throws {
        for _ in 1...20 {
            let program = try run("printf 'one\\ntwo\\n'; exec head -c 50000 /dev/zero >&2")
            let seen = try XCTUnwrap(program.wait(.seconds(10)) { $0.ending != nil ? $0 : nil })
            XCTAssertEqual(seen.outputLines, ["one", "two"])
            XCTAssertEqual(seen.errors.count, 50000)
        }
    }

    func testTakesAMegabyteThroughBothPipes() throws {
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 5) }
        let program = try RunningProgram(Launch("/bin/cat"))
        try program.send(bytes)
        program.closeInput()
        XCTAssertEqual(try everything(of: program).output, bytes)
    }

    func testTellsThatNobodyReadsTheInput() throws {
        let program = try run("exec <&-; echo closed; exec sleep 100")
        XCTAssertNotNil(program.wait(.seconds(10)) { $0.outputLines.first })
        XCTAssertThrowsError(try program.send([1])) { error in
            XCTAssertEqual(error as? RunningProgram.InputError, .closed)
        }
    }

    func testTellsThatTheProgramDoesNotReadOn() throws {
        let program = try RunningProgram(Launch("/bin/sleep", ["100"]))
        let bytes = [UInt8](repeating: 0, count: 1 << 20)
        XCTAssertThrowsError(try program.send(bytes, within: .milliseconds(20))) { error in
            XCTAssertEqual(error as? RunningProgram.InputError, .timedOut)
        }
    }

    func testTellsWhetherTheInputIsRead() throws {
        let reader = try RunningProgram(Launch("/bin/cat"))
        try reader.send("a line\n".utf8)
        XCTAssertNotNil(reader.wait(.seconds(10)) { $0.outputLines.first })
        XCTAssertTrue(reader.hasReadInput)
        reader.closeInput()
        XCTAssertFalse(reader.hasReadInput, "it is closed")

        let sleeper = try RunningProgram(Launch("/bin/sleep", ["100"]))
        try sleeper.send("a line\n".utf8)
        XCTAssertFalse(sleeper.hasReadInput)
    }

    func testGivesAnInputThatIsAtItsEnd() throws {
        XCTAssertEqual(try everything(of: run("cat; echo end") { $0.input = .empty }).outputText, "end\n")
    }

    func testTakesLinesThroughTheChannel() throws {
        let script = "echo one >&9; printf 'tw' >&9; echo 'o\tthree' >&9; printf rest >&9"
        let program = try run(script) { $0.channel = 9 }
        XCTAssertEqual(try everything(of: program).channelLines, ["one", "two\tthree"])
    }

    func testRunsAProgramOnATerminal() throws {
        let program = try run("test -t 0 && test -t 1 && printf '> '; cat; echo end") { $0.terminal = true }
        XCTAssertNotNil(program.wait(.seconds(10)) { $0.outputText == "> " ? true : nil })
        try program.send(Array("line\n".utf8))
        XCTAssertNotNil(program.wait(.seconds(10)) { $0.outputText == "> line\n" ? true : nil })
        program.closeInput()
        XCTAssertEqual(try everything(of: program).outputText, "> line\nend\n")
        XCTAssertEqual(program.end(), .exited(0))
    }
}
