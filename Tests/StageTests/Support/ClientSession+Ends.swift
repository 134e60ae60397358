import Foundation
import ReferenceEcho
import Supervision

/// How a session begins for a person, and how it ends.
extension ClientSession {
    // MARK: - On a terminal

    /// Waits for the prompt that comes before the first line. How many there are is left open.
    func expectPrompt() throws {
        _ = subject.program.wait(Subject.patience) { seen in
            seen.output.count > 1 || seen.ending != nil ? true : nil
        }
        let shown = subject.seen.outputText
        if shown.hasPrefix("> "), shown.allSatisfy("> ".contains) { return }
        throw subject.failure(
            did: "ran it on a terminal",
            expected: "the prompt \"> \" on standard output, before anything is typed",
            saw: subject.whatHappened(),
            cause: subject.seen.errorText.hasPrefix("> ")
                ? "the prompt is on standard error" : nil
        )
    }

    /// Waits until the terminal shows what the server has sent back. How many prompts there are is left open.
    func expectShownAmongPrompts(after did: String) throws {
        let echo = String(decoding: echo, as: UTF8.self)
        let isShown = subject.program.wait(Subject.patience) { seen in
            seen.outputText.replacing("> ", with: "") == echo ? true : nil
        }
        if isShown != nil { return }
        throw subject.failure(
            did: did,
            expected: "\(Subject.quoted(echo)), and prompts",
            saw: subject.whatHappened(),
            cause: causeOfOutput
        )
    }

    // MARK: - The end

    /// The server ends, after all that was owed: the client does the same, with status 0.
    func expectOrderlyEnd() throws {
        let did = "ended the server, after it had sent everything back"
        let cause = subject.hasEndedByNow ? ClientCause.endedFirst : nil
        server.close()
        subject.waitForOutput(echo.count)
        let ending = subject.endingUnlessHopeless
        try expectShownByNow(after: did, cause: cause)
        if ending == .exited(0) { return }
        throw subject.failure(
            did: did,
            expected: "exit status 0",
            saw: subject.whatHappened(),
            cause: ClientCause(ofEnd: subject.seen, isEarly: false).text
        )
    }

    /// The server has ended before all came back: the client says so, and ends with status 1.
    func expectEarlyEndIsTold(after did: String) throws {
        let ending = subject.endingUnlessHopeless
        if ending != .exited(1) || subject.seen.errors.isEmpty {
            throw subject.failure(
                did: did,
                expected: "a line on standard error that says so, and exit status 1",
                saw: subject.whatHappened(),
                cause: ClientCause(ofEnd: subject.seen, isEarly: true).text ?? subject.causeOfSilence()
            )
        }
        try expectShown(after: did)
    }
}
