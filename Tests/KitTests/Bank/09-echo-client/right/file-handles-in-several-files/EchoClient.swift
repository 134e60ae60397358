// FileHandle on both sides, in several files.
import Foundation

@main
struct EchoClient {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 2, let host = arguments.first, let port = arguments.last else {
            complain("usage: echo-client HOST PORT")
            exit(64)
        }
        signal(SIGPIPE, SIG_IGN)
        let session = Session(connection: connected(host, port))
        session.begin()
        exit(session.finish())
    }
}

func complain(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
}
