import ReferenceEcho
import Sockets

/// Why a server could not be measured.
public enum Trouble: Error, Codable, Hashable, Sendable {
    /// The others of `clients` that held a connection at the same time had no answer.
    case serves(Int, clients: Int)
    /// So many of the clients waited for an answer in vain.
    case silent(Int, clients: Int)
    /// A byte came back as another one; the first byte is 0.
    case differs(at: Int, expected: UInt8, received: UInt8)
    /// More came back than had been sent.
    case tooMuch
    /// The connection ended before all had come back.
    case ended(after: Int, of: Int)
    /// A call on a connection failed: `recv: Connection reset by peer`.
    case broken(String)
    /// No fault of the server: the load generator itself could not go on.
    case unable(String)

    init(_ error: SocketError) {
        let isOurs = [EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL].contains(error.errno.rawValue)
        let isOfServer = ["connect", "recv", "send", "shutdown"].contains(error.call)
        self = isOfServer && !isOurs ? .broken("\(error)") : .unable("\(error)")
    }
}

extension Trouble: CustomStringConvertible {
    public var description: String {
        switch self {
        case .serves(let count, let clients): "serves \(grouped(count)) of \(grouped(clients)) at a time"
        case .silent(let count, let clients):
            clients == 1
                ? "the client got no answer"
                : "\(grouped(count)) of \(grouped(clients)) clients got no answer"
        case .differs(let place, let expected, let received):
            "byte \(grouped(place)) came back as \(hexadecimal(received)), not as \(hexadecimal(expected))"
        case .tooMuch: "more came back than was sent"
        case .ended(let count, let all):
            "the connection ended after \(grouped(count)) of \(grouped(all)) bytes"
        case .broken(let reason): reason
        case .unable(let reason): "could not be measured: \(reason)"
        }
    }
}
