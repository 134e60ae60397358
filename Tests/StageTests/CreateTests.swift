import Course
import Supervision
import XCTest

/// Stage 1: the program makes a TCP socket, and holds it.
final class CreateTests: StageTestCase {
    override class var stage: Stage { .create }

    /// Everything else depends on this one.
    func testStep1AnnouncesASocketThatIsOpen() throws {
        _ = try createdSocket(by: run())
    }

    func testStep1AsksForIPv4() throws {
        let (subject, socket) = try createdSocket(by: run())
        if ["TCP", "UDP"].contains(socket.transport) { return }
        throw subject.failure(
            expected: "an IPv4 socket",
            saw: "a socket of the kind \(socket.transport)",
            cause: socket.transport.hasSuffix("v6") ? "AF_INET6 is IPv6; AF_INET is IPv4" : nil,
            read: .call
        )
    }

    func testStep1AsksForAStreamSocket() throws {
        let (subject, socket) = try createdSocket(by: run())
        if ["TCP", "TCPv6"].contains(socket.transport) { return }
        throw subject.failure(
            expected: "a stream socket: TCP",
            saw: "a socket of the kind \(socket.transport)",
            cause: socket.transport.hasPrefix("UDP") ? "SOCK_DGRAM is UDP; SOCK_STREAM is TCP" : nil,
            read: .call
        )
    }

    func testStep1HoldsTheSocketUntilInputEnds() throws {
        let (subject, socket) = try createdSocket(by: run())
        try subject.program.send(Array("a line that means nothing\n".utf8))
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
        let numbers = held.map { "\($0.descriptor)" }.joined(separator: ", ")
        throw subject.failure(
            expected: "descriptor \(descriptor) of the program is an open socket",
            saw: held.isEmpty ? "the program holds no socket" : "the program's sockets are \(numbers)",
            cause: subject.seen.calls(.close).contains { $0.descriptor == descriptor && $0.result == 0 }
                ? "the socket was closed again" : nil
        )
    }
}
