/// A server that takes part in a bench.
public struct Contestant: Hashable, Sendable {
    /// `poll-server`
    public let name: String
    /// The path of the program. It is run with the argument 0: the kernel chooses its port.
    public let executable: String
    /// Whether it sends lines back in capitals, in place of what it gets.
    public let repliesInCapitals: Bool

    public init(_ name: String, executable: String, repliesInCapitals: Bool = false) {
        self.name = name
        self.executable = executable
        self.repliesInCapitals = repliesInCapitals
    }
}
