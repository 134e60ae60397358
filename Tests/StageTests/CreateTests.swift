import Course
import Supervision
import XCTest

/// Stage 1: the program makes a TCP socket, and holds it.
final class CreateTests: StageTestCase {
    override class var stage: Stage { .create }

    /// Everything else depends on this one.
    func testStep1AnnouncesASocketThatIsOpen() throws {
        // The number is not always 3: here, 3 is open before the program begins.
        let subject = try run(taken: 3)
        _ = try subject.line(0, expected: "created socket FD")
        try subject.expectIdle(while: "standard input is open")
        _ = try createdSocket(by: subject)
    }

    func testStep1AsksForIPv4() throws {
        let (subject, socket) = try createdSocket(by: run())
        if ["TCP", "UDP"].contains(socket.transport) { return }
        throw subject.failure(
            expected: "an IPv4 socket",
            saw: "a socket of the kind \(socket.transport)",
            cause: Self.causeOfKind(socket.transport, subject.seen),
            read: .call
        )
    }

    func testStep1AsksForAStreamSocket() throws {
        let (subject, socket) = try createdSocket(by: run())
        if ["TCP", "TCPv6"].contains(socket.transport) { return }
        throw subject.failure(
            expected: "a stream socket: TCP",
            saw: "a socket of the kind \(socket.transport)",
            cause: Self.causeOfKind(socket.transport, subject.seen),
            read: .call
        )
    }

    func testStep1HoldsTheSocketUntilInputEnds() throws {
        let (subject, socket) = try createdSocket(by: run())
        try subject.expectReadsInput()
        try subject.expectEndOfInputEndsIt()
        try subject.expectOutput(["created socket \(socket.descriptor)"])
    }

    func testStep1ReportsASocketThatCouldNotBeMade() throws {
        let subject = try run(faults: [.init(.socket, .every, "EMFILE")])
        try subject.expectReport(
            of: [.socket],
            "Too many open files",
            ifFailedBy: "made socket(2) fail with EMFILE"
        )
    }

    func testStep1RefusesWrongArguments_Create() throws {
        try checkRefuses([["7007"], [""], ["one", "two"]])
    }

    /// Waits until the program says that it has a socket, and looks whether it has.
    private func createdSocket(by subject: Subject) throws -> (Subject, HeldSocket) {
        let line = try subject.line(0, expected: "created socket FD")
        let number = line.hasPrefix("created socket ") ? line.dropFirst("created socket ".count) : ""
        guard let descriptor = Int32(number), line == "created socket \(descriptor)" else {
            throw subject.failure(
                expected: "created socket FD, with the number that socket(2) returned",
                saw: line
            )
        }
        let held = try subject.heldSockets()
        if let socket = held.first(where: { $0.descriptor == descriptor }) { return (subject, socket) }
        if subject.hasEnded {
            throw subject.failure(
                expected: "it holds the socket until standard input ends",
                saw: subject.whatHappened(),
                cause: "standard input has not ended, and the program did not wait for its end"
            )
        }
        let numbers = held.map { "\($0.descriptor)" }.joined(separator: ", ")
        throw subject.failure(
            expected: "descriptor \(descriptor) of the program is an open socket",
            saw: held.isEmpty ? "the program holds no socket" : "the program's sockets are \(numbers)",
            cause: Self.causeOfNumber(descriptor, subject.seen)
        )
    }

    private static func causeOfNumber(_ descriptor: Int32, _ seen: Observation) -> String? {
        let made = seen.calls(.socket).filter { $0.result ?? -1 >= 0 }
        if seen.calls(.close).contains(where: { $0.descriptor == descriptor && $0.result == 0 }) {
            return "the socket was closed again"
        }
        if seen.recorderLoaded, seen.calls(.socket).isEmpty { return "socket(2) was not called" }
        return made.last.map { "socket(2) returned \($0.result ?? 0), and that is the number to tell" }
    }

    private static func causeOfKind(_ transport: String, _ seen: Observation) -> String? {
        let asked = seen.calls(.socket).last?.arguments.prefix(2).joined(separator: ", ")
        switch transport {
        case "TCPv6", "UDPv6": return "AF_INET6 is IPv6; AF_INET is IPv4"
        case "UDP": return "SOCK_DGRAM is UDP; SOCK_STREAM is TCP"
        #if os(Linux)
        case "UNIX" where asked == "AF_UNIX, SOCK_DGRAM":
            return
                "1 and 2 are AF_UNIX and SOCK_DGRAM, but also SOCK_STREAM and AF_INET: the domain comes first"
        #endif
        case "UNIX", "UNIX-STREAM":
            return "AF_UNIX is for programs on one machine; AF_INET is IPv4"
        default: return nil
        }
    }
}
