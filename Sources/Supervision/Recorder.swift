import CSupervision

/// The recorder of socket calls, and what it is asked to do to them: the library CSocketTrace, preloaded into
/// a program.
public struct Recorder: Sendable {
    /// The path of the built library.
    public var library: String
    public var faults: [Fault]
    /// What getaddrinfo(3) answers, whatever it is asked: `127.0.0.1`, `[::1]:7007`. Nil: as ever.
    public var hosts: [String]?
    /// The number of the descriptor to which it writes: out of the way of the numbers that a program gets, and of
    /// those that one would choose.
    public var descriptor: Int32 = 239

    public init(library: String, faults: [Fault] = [], hosts: [String]? = nil) {
        self.library = library
        self.faults = faults
        self.hosts = hosts
    }

    /// Has the program that is launched record its calls.
    public func add(to launch: inout Launch) {
        launch.channel = descriptor
        launch.recordsCalls = true
        launch.environment[Self.preloading] = nameInList(library, for: &launch)
        launch.environment["LAB_TRACE_FD"] = "\(descriptor)"
        if !faults.isEmpty {
            launch.environment["LAB_TRACE_FAULTS"] = faults.map(\.description).joined(separator: ";")
        }
        launch.environment["LAB_TRACE_HOSTS"] = hosts?.joined(separator: ",")
    }

    #if os(macOS)
    private static let preloading = "DYLD_INSERT_LIBRARIES"
    #else
    private static let preloading = "LD_PRELOAD"
    #endif

    /// What the library is called in the variable, a list that spaces or colons divide (ld.so(8)): where its path has
    /// one, a link to it in the program's folder.
    private func nameInList(_ library: String, for launch: inout Launch) -> String {
        if !library.contains(where: { $0 == ":" || $0.isWhitespace }) { return library }
        launch.library = library
        return "./\(SUPERVISION_LIBRARY_NAME)"
    }

    /// Something that is made to happen to calls: `Fault(.accept, 1, "EINTR")`, `Fault(.send, .every,
    /// "short=1")`.
    public struct Fault: Sendable, Hashable, CustomStringConvertible {
        public var family: SocketCall.Family
        public var which: Which
        /// An errno, or of getaddrinfo its error: `EINTR`, `EAI_AGAIN`; `short=BYTES`; `late=MILLISECONDS`;
        /// `timeout`, which is felt only by a socket that has one (SO_RCVTIMEO, SO_SNDTIMEO), and by a sleep, which
        /// is over at once.
        public var action: String

        public init(_ family: SocketCall.Family, _ which: Which, _ action: String) {
            self.family = family
            self.which = which
            self.action = action
        }

        public var description: String { "\(family.rawValue):\(which):\(action)" }
    }

    /// Which calls of a family, the first of which is 1.
    public enum Which: Sendable, Hashable, CustomStringConvertible, ExpressibleByIntegerLiteral {
        case every
        case number(Int)
        case from(Int)

        public init(integerLiteral number: Int) {
            self = .number(number)
        }

        public var description: String {
            switch self {
            case .every: "*"
            case .number(let number): "\(number)"
            case .from(let number): "\(number)+"
            }
        }
    }
}
