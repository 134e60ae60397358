import Foundation
import ReferenceEcho
import Sockets
import Supervision

/// Many clients of one server, all of them connected at the same time.
struct Crowd {
    let server: Server
    private(set) var clients: [ScriptedClient] = []
    /// The status lines that there should be by now.
    private(set) var lines: [String] = []
    /// How many bytes those take.
    private var size = 0

    /// - Parameter server: one that has no clients yet.
    init(at server: Server) {
        self.server = server
        add("listening on \(server.address)")
    }

    private var subject: Subject { server.subject }

    /// Connects so many clients more, and waits until each is accepted.
    mutating func grow(by count: Int) throws {
        // No more at a time than the queue has room for: one that overflows costs a second.
        let backlog = subject.seen.calls(.listen).last?.argument(1).flatMap { Int($0) }
        let together = max(1, min(backlog ?? 3, 200))
        for index in 0..<count {
            let client = try server.connect(drawn: false)
            clients.append(client)
            add("accepted \(client.localAddress)")
            if index % together == together - 1 || index == count - 1 { try expectAsManyLines() }
        }
    }

    /// Every client sends a line of its own, and only then is the first answer asked for.
    func expectEchoes(_ word: String) throws {
        for (index, client) in clients.enumerated() {
            try client.send(Self.line(word, index))
        }
        for (index, client) in clients.enumerated() {
            let line = Self.line(word, index)
            let received = try client.receive(count: line.count)
            if received.bytes == line { continue }
            throw server.echoFailure(
                sent: line,
                received,
                did: "connected \(clients.count) clients, and sent a line by each;"
                    + " this is number \(index + 1), \(client.localAddress)"
            )
        }
    }

    private static func line(_ word: String, _ index: Int) -> [UInt8] {
        Array("\(word) of client \(index + 1)\n".utf8)
    }

    /// Has the clients leave for which `leaves` says so: by half-closing, by a reset, or just so.
    mutating func shrink(where leaves: (Int) -> Bool) throws {
        let leaving = clients.indices.filter(leaves)
        for (number, index) in leaving.enumerated() {
            switch number % 3 {
            case 0: try clients[index].halfClose()
            case 1: try clients[index].reset()
            default: clients[index].close()
            }
            add("closed \(clients[index].localAddress)")
        }
        for index in leaving.enumerated().filter({ $0.offset % 3 == 0 }).map(\.element) {
            try server.expectRest([], of: clients[index])
        }
        clients = clients.indices.filter { !leaves($0) }.map { clients[$0] }
        try expectAsManyLines()
    }

    private mutating func add(_ line: String) {
        lines.append(line)
        size += line.utf8.count + 1
    }

    /// Waits until there is as much output as the lines take: which they are is asked at the end.
    private func expectAsManyLines() throws {
        subject.waitForOutput(size)
        if subject.seen.output.count != size { try expectLines() }
    }

    /// Expects the lines that there should be, each once, in any order.
    func expectLines() throws {
        var missing = lines
        var more: [String] = []
        let seen = Set(subject.seen.outputLines)
        missing.removeAll(where: seen.contains)
        let expected = Set(lines)
        more = subject.seen.outputLines.filter { !expected.contains($0) }
        if missing.isEmpty, more.isEmpty, subject.seen.outputLines.count == lines.count { return }
        throw subject.failure(
            did: "connected clients, \(clients.count) of which are there now",
            expected: missing.first.map { "the line \($0)" } ?? "no line but those of its clients, each once",
            saw: "\(more.first ?? "\(subject.seen.outputLines.count) lines")\n\(subject.whatHappened())",
            cause: subject.causeOfSilence()
        )
    }
}
