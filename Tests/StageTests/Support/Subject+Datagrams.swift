import Sockets
import Supervision

/// What a client of datagrams says of how it went.
extension Subject {
    /// Standard output is each of `replies` with a newline, and the exit status is 0.
    func expectDatagramOutput(_ replies: [String], after did: String) throws {
        let ending = program.waitForEnding(Self.patience)
        let output = replies.map { $0 + "\n" }.joined()
        if ending == .exited(0), seen.outputText == output { return }
        throw failure(
            did: did,
            expected: "on standard output \(Self.shown(output)), and exit status 0",
            saw: whatHappened(),
            cause: DatagramCause(ofOutput: seen, replies: replies).text
                ?? (ending == nil ? nil : causeOfSilence())
        )
    }

    private static func shown(_ output: String) -> String {
        output.isEmpty ? "nothing" : output.utf8.count > 100 ? "the line" : output.debugDescription
    }

    /// A line is longer than any datagram, so it can't be sent: a call that fails of it is told.
    func expectTooLongTold() throws {
        _ = program.waitForEnding(Self.patience)
        let reason = "\(Errno(EMSGSIZE))"
        let calls = seen.records.filter { $0.errno == EMSGSIZE }.map(\.name)
        let isTold =
            calls.isEmpty ? !seen.errors.isEmpty : calls.contains { seen.hasErrorLine("\($0): \(reason)") }
        if seen.ending == .exited(1), isTold, seen.output.isEmpty { return }
        throw failure(
            did: "wrote a line of 65,508 bytes, one more than a datagram may have",
            expected: "\(calls.first ?? "send"): \(reason), on standard error, and exit status 1",
            saw: whatHappened(),
            cause: ReportCause(seen, names: calls, reason).text
        )
    }

    /// Nobody has the port: the call that learns it is told.
    func expectRefusalTold(after replies: [String], did: String) throws {
        _ = program.waitForEnding(Self.patience)
        let output = replies.map { $0 + "\n" }.joined()
        let told = seen.errorText.split(separator: "\n").first { $0.hasSuffix(": Connection refused") }
        let call = told.map { String($0.dropLast(": Connection refused".count)) } ?? ""
        let asksAgain = seen.errorText.contains("no reply from")
        if seen.ending == .exited(1), seen.outputText == output, seen.isCall(call), !asksAgain { return }
        throw failure(
            did: did,
            expected: "the call that is refused, as recv: Connection refused, on standard error,"
                + " and exit status 1",
            saw: whatHappened(),
            cause: DatagramCause(ofRefusal: seen, told: call).text
        )
    }
}

extension Observation {
    /// Whether `name` is that of a call which failed with ECONNREFUSED. getsockopt(2) is not recorded, and tells
    /// the same by SO_ERROR.
    func isCall(_ name: String) -> Bool {
        if !recorderLoaded || name == "getsockopt" { return !name.isEmpty }
        return records.contains { $0.hasReturned && $0.name == name && $0.errno == ECONNREFUSED }
    }
}
