/// A signal on its way to a program.
public struct SentSignal: Codable, Hashable, Sendable {
    /// As in signal(7): `SIGINT`.
    public let number: Int32
    /// When it was sent, in nanoseconds of the monotonic clock.
    public let time: UInt64

    public init(_ number: Int32, time: UInt64) {
        self.number = number
        self.time = time
    }
}

/// What has been seen of a program up to a moment.
public struct Observation: Sendable {
    /// Standard output, of which at most ``Limits/output`` bytes are kept.
    public internal(set) var output: [UInt8] = []
    /// Standard error, likewise.
    public internal(set) var errors: [UInt8] = []
    /// The lines that came through the channel, without their newlines, as they came. Not the recorder's
    /// records.
    public internal(set) var channelLines: [String] = []
    /// The program's socket calls, in the order in which they were recorded.
    public internal(set) var records: [SocketCall] = []
    /// The signals that the kit has sent to the program itself: ``RunningProgram/signal(_:)``.
    public internal(set) var signals: [SentSignal] = []
    /// Whether lines of the channel were dropped, since ``Limits/channel`` bytes had come.
    public internal(set) var channelOverflowed = false
    /// Whether standard output is at its end: nobody can write to it any more.
    public internal(set) var outputEnded = false
    /// How the program ended; nil while it runs. All that the program itself has written is then here.
    public internal(set) var ending: Ending?
    /// What it had used when it ended.
    public internal(set) var usage: Usage?
    /// Whether it is over: the program and all that it started have ended, their output is read, the folder
    /// is gone. Nothing changes any more.
    public internal(set) var isOver = false

    /// Whether the recorder is in the program, and so ``records`` says anything.
    public internal(set) var recorderLoaded = false

    /// By family, the places in `records` of the calls that have returned: conditions ask for them at every
    /// change.
    private var returned: [SocketCall.Family: [Int]] = [:]
    /// By thread, the call in which it stands.
    private var entered: [Int32: SocketCall] = [:]

    /// Standard output as text; what is not UTF-8 is replaced.
    public var outputText: String { String(decoding: output, as: UTF8.self) }
    /// Standard error as text; what is not UTF-8 is replaced.
    public var errorText: String { String(decoding: errors, as: UTF8.self) }

    /// The whole lines of standard output, without their newlines.
    public var outputLines: [String] {
        output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .dropLast().map { String(decoding: $0, as: UTF8.self) }
    }

    /// The calls of a family that have returned, in order.
    public func calls(_ family: SocketCall.Family) -> [SocketCall] {
        returned[family, default: []].map { records[$0] }
    }

    /// The calls that have been entered and have not returned, at most one a thread, the one entered first at
    /// the front.
    public var blockedCalls: [SocketCall] {
        entered.values.sorted { $0.time < $1.time }
    }

    /// The call of `family` in which a thread of the program stands, if one does.
    public func blockedCall(_ family: SocketCall.Family) -> SocketCall? {
        blockedCalls.first { $0.family == family }
    }

    mutating func add(_ call: SocketCall) {
        if call.hasReturned { returned[call.family, default: []].append(records.count) }
        records.append(call)
        if call.phase == .note && call.name == "loaded" { recorderLoaded = true }
        // Nobody returns from exit(3), and its number may be another's then.
        entered[call.thread] = call.phase == .entered && call.family != .exit ? call : nil
    }
}
