import LoadGeneration
import ReferenceEcho
import Supervision

/// Measures servers beside each other, in one run: each load is put on one after the other, several times
/// over, so that all of them share the moods of the machine.
public struct Bench: Sendable {
    /// The first is the reference: what the others are compared with.
    public var contestants: [Contestant]
    /// The path of the program `load-generator`.
    public var generator: String
    /// How long each measurement takes, in seconds, all rounds together.
    public var seconds: Double
    public var loads = Bench.usualLoads
    /// Into how many parts each measurement is cut.
    public var rounds = 3
    /// How long a server may leave clients without any answer, in seconds.
    public var patience = 2.0

    public static let usualLoads: [Load] = [
        .requests(clients: 1), .requests(clients: 50), .requests(clients: 1000), .stream, .connections,
    ]

    public init(_ contestants: [Contestant], generator: String, seconds: Double) {
        self.contestants = contestants
        self.generator = generator
        self.seconds = seconds
    }

    /// Runs all of it.
    ///
    /// - Parameter watch: is told what comes next.
    /// - Throws: why the load generator could not be started.
    public func run(watch: (String) -> Void = { _ in }) throws(LaunchError) -> BenchReport {
        var tallies = contestants.map { _ in loads.map { _ in Tally() } }
        var step = 0
        for (index, load) in loads.enumerated() {
            for round in 0..<rounds {
                // Nobody is always the first.
                for place in contestants.indices {
                    let number = (place + round) % contestants.count
                    let contestant = contestants[number]
                    step += 1
                    // What was wrong once is not tried again.
                    if tallies[number][index].trouble != nil { continue }
                    let percent = 100 * (step - 1) / (loads.count * rounds * contestants.count)
                    watch("\(percent)% · \(load.name) · \(contestant.name) …")
                    try tallies[number][index].add(turn(contestant, load))
                }
            }
        }
        return BenchReport(seconds: seconds, contestants, loads, tallies)
    }

    private func turn(_ contestant: Contestant, _ load: Load) throws(LaunchError) -> Tally {
        var plan = LoadPlan(server: "", load: load, seconds: seconds / Double(rounds))
        plan.expectsCapitals = contestant.repliesInCapitals
        plan.patience = patience
        return try Turn(contestant: contestant, generator: generator, plan: plan).run()
    }
}

extension Load {
    /// `50 clients`
    var name: String {
        switch self {
        case .requests(let clients): clients == 1 ? "1 client" : "\(grouped(clients)) clients"
        case .stream: "one stream"
        case .connections: "connect, echo, close"
        }
    }
}

/// What is known of one server under one load.
struct Tally {
    var figures = Figures()
    /// That the server has used for ``Figures/total``; nil where it is not known.
    var processorTime: Duration? = .zero
    /// In bytes; nil where it is not known.
    var memory: Int?
    var trouble: String?
    /// Whether the trouble is a mistake of the server, rather than what it is not made for.
    var isMistake = false

    mutating func add(_ other: Tally) {
        figures.add(other.figures)
        processorTime = processorTime.flatMap { sum in other.processorTime.map { sum + $0 } }
        memory = [memory, other.memory].compactMap(\.self).max()
        trouble = trouble ?? other.trouble
        isMistake = isMistake || other.isMistake
    }
}
