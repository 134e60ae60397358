import Course
import ReferenceEcho
import Sockets
import Supervision

/// A stage's program, run once with a peer that follows a script: short enough to be read as a whole, and long
/// enough to show what is new in the stage.
public struct Rehearsal: Sendable {
    private let stage: Stage
    private let program: Program
    private let executable: String
    private let recorder: String?

    /// - Parameters:
    ///   - program: which of the stage's programs; nil: the first.
    ///   - executable: the program, built.
    ///   - recorder: the library CSocketTrace; nil where it is not built.
    public init(_ stage: Stage, _ program: Program? = nil, executable: String, recorder: String?) {
        self.stage = stage
        self.program = program ?? stage.programs[0]
        self.executable = executable
        self.recorder = recorder
    }

    /// Plays it to the end: of the program, or of what the peer has to do.
    ///
    /// - Throws: where the program could not be started, or a call of the peer's failed that never should.
    public func run() throws -> Conversation {
        switch stage {
        case .create: try run([], peer: "no peer", endsWithInput)
        case .bind: try run(["0"], peer: "no peer", endsWithInput)
        case .listen: try runServer(holdsClient)
        case .accept: try runServer(acceptsClient)
        case .sendRecv: try runServer(servesClient)
        case .close: try runServer(servesTwoClients)
        case .echoServer: try runServer(servesUntilSignal)
        case .fork, .poll: try runServer(servesTwoClientsAtOnce)
        case .connect: try runClient(hosts: ["127.0.0.2", "127.0.0.1"], lines: [])
        case .echoClient: try runClient(hosts: ["127.0.0.1"], lines: ["hello\n", "and goodbye\n"])
        case .capitalise: try runServer(sendsLinesInPieces)
        case .datagram where program == stage.programs[0]: try runDatagramServer()
        case .datagram: try runDatagramClient()
        }
    }

    func run(
        _ arguments: [String],
        hosts: [String]? = nil,
        peer: String,
        log: StepLog = StepLog(),
        _ play: (Stagehand) throws -> Void
    ) throws -> Conversation {
        var launch = Launch(executable, arguments)
        launch.environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", "LANG": "C"]
        if let recorder { Recorder(library: recorder, hosts: hosts).add(to: &launch) }
        let hand = Stagehand(try RunningProgram(launch), log)
        defer { hand.program.end(.kill) }
        try play(hand)
        // What its peers see of an end by the kit is no part of the story.
        let steps = hand.log.steps
        hand.program.end(.kill)
        return Conversation(
            commandLine: ([program.name] + arguments).joined(separator: " "),
            peer: peer,
            seen: hand.program.observed,
            steps: steps,
            ended: hand.ended
        )
    }

    private func endsWithInput(_ hand: Stagehand) {
        hand.settle(lines: 1)
        hand.finish()
    }

    // MARK: - Servers

    private var hasOneClient: Bool { stage.number < Stage.close.number || stage == .capitalise }

    func runServer(_ play: (Stagehand, SocketAddress) throws -> Void) throws -> Conversation {
        var hasListened = false
        var conversation = try run(["0"], peer: hasOneClient ? "a client" : "two clients") { hand in
            let address = hand.listeningAddress()
            hasListened = address != nil
            do {
                if let address { try play(hand, address) }
            } catch _ as SocketError {
                // What the peer met is in its log.
            }
            if hand.ended == nil { hand.finish() }
        }
        if !hasListened { conversation.remarks.append("It did not say where it listens: no client came.") }
        return conversation
    }

    /// Nobody accepts: the connection is made all the same.
    private func holdsClient(_ hand: Stagehand, _ server: SocketAddress) throws {
        let client = try hand.connect(to: server)
        hand.finish()
        _ = try client.receiveUntilEnd()
    }

    private func acceptsClient(_ hand: Stagehand, _ server: SocketAddress) throws {
        hand.settle()
        let client = try hand.connect(to: server)
        hand.settle(lines: 2)
        hand.finish()
        _ = try client.receiveUntilEnd()
    }

    private func servesClient(_ hand: Stagehand, _ server: SocketAddress) throws {
        hand.settle()
        let client = try hand.connect(to: server)
        try hand.exchange("hello\n", by: client)
        try hand.exchange("and goodbye\n", by: client)
        try client.halfClose()
        _ = try client.receiveUntilEnd()
        hand.finish()
        client.close()
    }

    /// The second comes while the first is served, and waits in the queue.
    private func servesTwoClients(_ hand: Stagehand, _ server: SocketAddress) throws {
        hand.settle()
        let first = try hand.connect(to: server)
        try hand.exchange("hello\n", by: first)
        let second = try hand.connect(to: server)
        try second.send(Array("me too\n".utf8))
        try hand.part(with: first)
        _ = try second.receive(count: 7)
        hand.settle()
        try hand.part(with: second)
        hand.settle()
        hand.noteEnd()
    }

    /// A line in two pieces, two lines in one, and one that only the end of file ends.
    private func sendsLinesInPieces(_ hand: Stagehand, _ server: SocketAddress) throws {
        hand.settle()
        let client = try hand.connect(to: server)
        for piece in ["hel", "lo\nhow are", " you?\nfine\n", "good"] {
            hand.settle()
            try client.send(Array(piece.utf8))
        }
        hand.settle()
        try hand.part(with: client)
        hand.settle()
        hand.noteEnd()
    }

    /// Neither waits for the other: the first stays, and the second is answered.
    private func servesTwoClientsAtOnce(_ hand: Stagehand, _ server: SocketAddress) throws {
        hand.settle()
        let first = try hand.connect(to: server)
        try hand.exchange("hello\n", by: first)
        let second = try hand.connect(to: server)
        try hand.exchange("me too\n", by: second)
        for (index, client) in [second, first].enumerated() {
            try hand.part(with: client)
            // The last line of each: after listening, and accepted twice.
            hand.settle(lines: 4 + index)
        }
        hand.noteEnd()
    }

    /// The first breaks the connection off, the second is served as ever, a signal ends it all.
    private func servesUntilSignal(_ hand: Stagehand, _ server: SocketAddress) throws {
        hand.settle()
        let first = try hand.connect(to: server)
        try hand.exchange("hello\n", by: first)
        try first.reset()
        hand.settle()
        let second = try hand.connect(to: server)
        try hand.exchange("me too\n", by: second)
        try hand.part(with: second)
        hand.settle()
        hand.interrupt()
    }

    // MARK: - Clients

    /// - Parameter hosts: what the name has as addresses; the server has the last one.
    private func runClient(hosts: [String], lines: [String]) throws -> Conversation {
        let log = StepLog()
        var configuration = EchoServer.Configuration()
        configuration.steps = log
        let server = try EchoServer.start(configuration)
        defer { server.stop() }
        let arguments = ["localhost", "\(server.port)"]
        return try run(arguments, hosts: hosts, peer: "an echo server", log: log) { hand in
            hand.settle(lines: 1)
            for line in lines { hand.type(line) }
            hand.finish()
            var deadline = Deadline(Stagehand.patience)
            _ = server.log.wait(until: &deadline) { $0.isEmpty || $0.count.isMultiple(of: 2) }
        }
    }
}
