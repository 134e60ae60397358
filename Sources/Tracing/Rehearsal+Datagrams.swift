import ReferenceEcho
import Sockets
import Supervision

/// The conversations by datagrams.
extension Rehearsal {
    /// Two clients, and one socket for both.
    func runDatagramServer() throws -> Conversation {
        try runServer { hand, server in
            let clients = try (1...2).map { _ in try DatagramPeer(connectedTo: server, log: hand.log) }
            for (client, text) in zip(clients, ["hello", "me too"]) {
                hand.settle()
                try client.send(Array(text.utf8))
                _ = try client.receive(within: Stagehand.patience)
            }
            hand.settle()
            hand.noteEnd()
        }
    }

    /// The first datagram is lost, so the client sends it again.
    func runDatagramClient() throws -> Conversation {
        let log = StepLog()
        let server = try DatagramPeer(log: log)
        let arguments = ["localhost", "\(server.address.port)"]
        return try run(arguments, hosts: ["127.0.0.1"], peer: "a server that loses one", log: log) { hand in
            // More than the 500 milliseconds after which it sends again.
            let patience = Stagehand.patience * 2
            try? hand.program.send(Array("hello\nand goodbye\n".utf8), within: Stagehand.patience)
            hand.program.closeInput()
            _ = try server.receive(within: patience)
            for _ in 1...2 {
                guard let datagram = try server.receive(within: patience) else { break }
                try server.send(datagram.bytes, to: datagram.sender)
            }
            hand.finish()
        }
    }
}
