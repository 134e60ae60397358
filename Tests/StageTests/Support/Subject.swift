import Course
import Foundation
import Sockets
import Supervision

/// The program under test, running.
struct Subject {
    let program: RunningProgram
    /// As a student would type it: `bind 7007`.
    let commandLine: String
    let test: StageTestCase

    /// How long to wait for something that a right program does at once.
    static let patience = Duration.seconds(3)

    /// The recorder of socket calls; nil where it is not built.
    static let recorder: String? =
        ProcessInfo.processInfo.environment["LAB_RECORDER"] ?? Products.besideThisProgram.recorder

    var seen: Observation { program.observed }

    /// From 0 to 999,999, and always the same for the same program: what is random to a check differs from one
    /// program to another, and the verdict on one is no matter of luck.
    var seed: UInt64 {
        let content = FileManager.default.contents(atPath: program.launch.executable) ?? Data()
        return content.withUnsafeBytes { bytes in
            stride(from: 0, through: bytes.count - 8, by: 8).reduce(0) { sum, offset in
                (sum ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x0000_0100_0000_01b3
            }
        } % 1_000_000
    }

    /// Whether the program has ended, or does so right now.
    var hasEnded: Bool { program.waitForEnding(.milliseconds(300)) != nil }

    /// Whether the program has ended, be it that the kit does not know yet how.
    var hasEndedByNow: Bool { seen.ending != nil || program.processes().isEmpty && hasEnded }

    // MARK: - Status lines

    /// Waits for a status line and returns it.
    ///
    /// - Parameters:
    ///   - index: from 0, the first line.
    ///   - expected: what it should say, for the message where none comes.
    ///   - silence: what is known about a line that does not come.
    func line(_ index: Int, expected: String, silence: () -> String? = { nil }) throws -> String {
        let line = program.wait(Self.patience) { seen in
            let lines = seen.outputLines
            return lines.indices.contains(index) ? lines[index] : nil
        }
        if let line { return line }
        throw failureOfSilence(expected: expected, cause: silence())
    }

    /// A status line did not come.
    func failureOfSilence(expected: String, cause: @autoclosure () -> String? = nil) -> any Error {
        failure(expected: "the line \(expected)", saw: whatHappened(), cause: cause() ?? causeOfSilence())
    }

    /// Waits for a status line, which must be `text`.
    ///
    /// - Parameters:
    ///   - cause: what is known about a line that is different.
    ///   - silence: what is known about a line that does not come.
    func expectLine(
        _ index: Int,
        _ text: String,
        cause: (String) -> String? = { _ in nil },
        silence: () -> String? = { nil }
    ) throws {
        let line = try line(index, expected: text, silence: silence)
        if line != text { throw failure(expected: text, saw: line, cause: cause(line)) }
    }

    /// Waits for a status line that tells an address of 127.0.0.1, and returns the port.
    ///
    /// - Parameter words: what stands before the address: `listening on`.
    func announcedPort(_ words: String, line index: Int = 0) throws -> UInt16 {
        let expected = "\(words) 127.0.0.1:PORT"
        let line = try line(index, expected: expected)
        guard line.hasPrefix("\(words) "),
            let address = SocketAddress(String(line.dropFirst(words.count + 1))),
            line == "\(words) \(address)", address.host == "127.0.0.1"
        else {
            let isAny = line.contains(" 0.0.0.0:")
            let cause = isAny ? "0.0.0.0, INADDR_ANY, means every address of the machine" : nil
            throw failure(expected: expected, saw: line, cause: cause)
        }
        if address.port == 0 {
            throw failure(
                expected: "\(words) 127.0.0.1:PORT, with the port that the kernel chose",
                saw: line,
                cause: "0 is what was asked for: getsockname(2) tells what came of it"
            )
        }
        return address.port
    }

    /// Checks that standard output is `lines`, and nothing else.
    func expectOutput(_ lines: [String]) throws {
        let expected = lines.map { $0 + "\n" }.joined()
        if seen.outputText == expected { return }
        throw failure(
            expected: "on standard output exactly \(Self.quoted(expected))",
            saw: Self.quoted(seen.outputText),
            cause: seen.outputText.hasPrefix(expected) ? "other output belongs on standard error" : nil
        )
    }

    // MARK: - The end

    /// Checks that the program waits until standard input ends, and not only for something to come in.
    func expectReadsInput() throws {
        // Of one that has ended the kit may not know yet: it does not take a second line.
        for line in ["\n", StageTestCase.partingWords.joined(separator: "\n") + "\n"] {
            let isTaken = (try? program.send(line.utf8)) != nil
            _ = program.isIdle(over: .milliseconds(5))
            // Not for long: one that asks poll(2) for the end alone lets the lines lie.
            _ = program.wait(.milliseconds(500)) {
                $0.ending != nil || isTaken && program.hasReadInput ? true : nil
            }
        }
        try expectIdle(while: "standard input is open")
        guard let ending = seen.ending else { return }
        throw failure(
            did:
                "wrote an empty line to its standard input, and words that end other programs, and did not end it",
            expected: "it reads on, until the end of file",
            saw: whatHappened(),
            cause: ending == .exited(0)
                ? "standard input had not ended: there is more to read until read(2) returns 0"
                : causeOfSilence()
        )
    }

    /// Ends standard input, and waits for the program to exit with status 0.
    func expectEndOfInputEndsIt() throws {
        // An end of file right behind a lot of input is lost on libdispatch's sources: first all of it is to
        // be read.
        _ = program.isIdle()
        program.closeInput()
        try expectExit(0, after: "standard input ended")
    }

    /// Waits for the program to exit with `status`.
    ///
    /// - Parameter cause: what is known about one that goes on.
    func expectExit(_ status: Int32, after event: String, goesOn cause: () -> String? = { nil }) throws {
        let ending = program.waitForEnding(Self.patience)
        if ending == .exited(status) { return }
        throw failure(
            did: event,
            expected: "exit status \(status)",
            saw: whatHappened(),
            cause: ending == nil ? cause() : causeOfSilence()
        )
    }

    /// Why a program goes on whose standard input has not ended, and has no say in that.
    func causeOfWaitingForInput() -> String? {
        program.closeInput()
        let hasEnded = program.waitForEnding(.milliseconds(300)) != nil
        return hasEnded ? "it waited for the end of standard input, which this program does not read" : nil
    }

    // MARK: - Failing

    /// A failure of this program, to be thrown. What was seen, and the cause, are asked for once all is
    /// known.
    func failure(
        did: String? = nil,
        expected: String,
        saw: @autoclosure () -> String,
        cause: @autoclosure () -> String? = nil,
        read: Section = .wrong
    ) -> any Error {
        settle()
        if let step = stepNotWritten { return test.stop(.skipped, step) }
        let stage = type(of: test).stage
        let failure = Failure(
            ran: commandLine,
            did: did,
            expected: expected,
            saw: saw(),
            cause: causeOfChildThatAccepts ?? cause() ?? causeOfTrap,
            read: "Labs/\(stage.folder)/README.md, \"\(read.rawValue)\""
        )
        test.failed = self
        return test.stop(.failed, failure.text)
    }

    /// What the program said when it came to a step that is still to be written; nil where it did not.
    var stepNotWritten: String? {
        // Of a family it is a child that may have come there.
        let hasEnded = seen.ending == .exited(77)
        guard hasEnded || seen.records.contains(where: { $0.family == .exit && $0.argument(0) == "77" })
        else {
            return nil
        }
        let line = seen.errorText.split(separator: "\n").last.map(String.init)
        return line ?? "a step is not written yet"
    }

    /// Waits for what the program did last, which may still be on its way to us: its end, above all.
    func settle() {
        _ = program.wait(.milliseconds(300)) { $0.ending != nil || !$0.blockedCalls.isEmpty ? true : nil }
        _ = program.isIdle(over: .milliseconds(20))
    }

    /// Stops the program and its children, as Ctrl-Z does, until `resume()`.
    func stop() {
        _ = program.wait(Self.patience) { _ in
            if program.processes().allSatisfy({ $0.state == "T" || $0.isZombie }) { return true }
            // Each time: a child may have been born since.
            program.signalAll(SIGSTOP)
            return nil
        }
    }

    func resume() {
        program.signalAll(SIGCONT)
    }

    static func quoted(_ text: String) -> String {
        text.isEmpty ? "nothing" : text.debugDescription
    }
}
