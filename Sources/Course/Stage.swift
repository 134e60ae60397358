/// One stage of the course. Its raw value is the one word that names everything about it.
public enum Stage: String, CaseIterable, Codable, Sendable {
    case create
    case bind
    case listen
    case accept
    case sendRecv = "send-recv"
    case close
    case echoServer = "echo-server"
    case connect
    case echoClient = "echo-client"
    case capitalise
    case fork
    case poll
    case datagram
}

extension Stage {
    /// From 1, in the order of the course.
    public var number: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }

    /// The name of its folder in `Labs` and in `Solutions`: `02-bind`.
    public var folder: String { (number < 10 ? "0" : "") + "\(number)-\(rawValue)" }

    /// The programs that the student writes, each in a file of its own.
    public var programs: [Program] {
        switch self {
        case .capitalise, .fork, .poll: [Program(name: "\(rawValue)-server")]
        case .datagram: [Program(name: "datagram-server"), Program(name: "datagram-client")]
        default: [Program(name: rawValue)]
        }
    }

    /// The XCTest class that grades it: `BindTests`.
    public var suite: String { Program(name: rawValue).typeName + "Tests" }

    /// The points that it is worth.
    public var weight: Double {
        switch self {
        case .create: 5
        case .bind, .listen, .accept, .close, .connect: 10
        case .capitalise, .fork, .poll, .datagram: 10
        case .sendRecv, .echoServer, .echoClient: 15
        }
    }

    /// Whether its points come on top of the course's 100.
    public var isBonus: Bool { number > Stage.echoClient.number }

    /// What is new in it, in a few words, for the map.
    public var summary: String {
        switch self {
        case .create: "a socket exists before its address"
        case .bind: "an address, a port, their byte order"
        case .listen: "the passive socket and its queue"
        case .accept: "the first client out of the queue"
        case .sendRecv: "a stream of bytes, there and back"
        case .close: "an orderly end, and the next client"
        case .echoServer: "the whole server, from a blank page"
        case .connect: "names, addresses, and the other side"
        case .echoClient: "the whole client, both ways at once"
        case .capitalise: "messages in a stream"
        case .fork: "a process for each client"
        case .poll: "thousands of clients in one thread"
        case .datagram: "no stream at all: packets"
        }
    }

    /// The stage after this one; nil after the last.
    public var next: Stage? {
        Self.allCases.dropFirst(number).first
    }
}

/// A program of a stage: `send-recv`, in the file `SendRecv.swift`.
public struct Program: Hashable, Sendable {
    public let name: String

    public init(name: String) {
        self.name = name
    }

    /// Its name in upper camel case: `SendRecv`.
    public var typeName: String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// `SendRecv.swift`
    public var file: String { typeName + ".swift" }

    /// Its solution, as it is run by hand: `send-recv-solution`.
    public var solutionProduct: String { name + "-solution" }
}
