import Foundation

/// A program to run: what it is given, and within which limits.
public struct Launch: Sendable {
    /// Where standard input comes from.
    public enum Input: Sendable {
        /// A pipe, written by ``RunningProgram/send(_:within:)``.
        case pipe
        /// End of file at once: /dev/null.
        case empty
        /// A file, by its path.
        case file(String)
    }

    /// The path of the program's file. No search in PATH.
    public var executable: String
    /// Its arguments, without the name (argv[0] is ``executable``).
    public var arguments: [String]
    /// Its whole environment. TMPDIR is added, unless it is here: the scratch folder.
    public var environment: [String: String]
    public var limits: Limits
    public var input = Input.pipe
    /// The number of the descriptor at which the program gets a pipe for lines of its own: see
    /// ``Observation/channelLines``. Above 2.
    public var channel: Int32?
    /// Whether the lines of the channel are those of the recorder of socket calls. ``Recorder/add(to:)`` sets
    /// it.
    public internal(set) var recordsCalls = false
    /// Whether standard input and output are a terminal (pty(7)), without echo and without translation of
    /// newlines.
    public var terminal = false
    /// A library to which a link is to lie in the folder that the program runs in.
    var library: String?

    public init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        limits: Limits = Limits()
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.limits = limits
    }
}

/// What a program may use, together with everything that it starts. Above a limit all of it is ended, and
/// ``Ending/limit(_:)`` names the limit.
///
/// Memory, processes and processor time are measured about twenty times a second, so a little more is
/// possible.
public struct Limits: Sendable {
    /// From start to end.
    public var wall = Duration.seconds(60)
    public var processorTime = Duration.seconds(30)
    /// Bytes in memory. What processes share is counted for each.
    public var memory = 1 << 30
    /// Processes at a time.
    public var processes = 64
    /// Descriptors of a process (RLIMIT_NOFILE); here the program sees EMFILE, and goes on.
    public var openFiles = 4096
    /// Bytes of a file that it writes (RLIMIT_FSIZE).
    public var fileSize = 64 << 20
    /// Bytes of standard output and standard error together.
    public var output = 8 << 20
    /// Bytes of the channel that are kept. Above, lines are dropped and the program goes on: see
    /// ``Observation/channelOverflowed``.
    public var channel = 64 << 20
    /// How long what the program has started may go on once the program itself has ended.
    public var lingering = Duration.zero

    public init() {}
}

/// Why a program could not be started.
public struct LaunchError: Error, CustomStringConvertible {
    /// The call that failed: `execve`, `fork`, `mkdir`.
    public let call: String
    /// What it left in errno.
    public let code: Int32
    public let executable: String
    /// The folder that was to be made for it to run in.
    var folder = ""

    public var description: String {
        let reason = String(cString: strerror(code))
        if call == "mkdir" {
            return "can't make a folder to run \(executable) in: \(folder): \(reason) (TMPDIR?)"
        }
        return "\(executable): \(call): \(reason)"
    }
}
