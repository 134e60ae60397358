import Course
import Results

/// What came of trying the suites.
public struct MatrixReport: Codable, Sendable {
    public let stages: [StageMatrix]
    /// Whether nothing was found that is wrong with any of them.
    public let holds: Bool

    init(stages: [StageMatrix]) {
        self.stages = stages
        holds = stages.allSatisfy(\.findings.isEmpty)
    }

    /// Whether some program could not be tried.
    public var couldNotRun: Bool { stages.flatMap(\.findings).contains(where: \.isOfKit) }
}

/// What came of trying the suite of one stage.
public struct StageMatrix: Codable, Sendable {
    /// A check, and which wrong programs of the bank it caught.
    public struct Check: Codable, Sendable {
        public let name: String
        public let caught: [String]
        /// How many mutants it was the first to catch.
        public let mutants: Int
    }

    /// How many mutants there were.
    public struct Mutants: Codable, Sendable {
        public let made: Int
        /// How many of them compile.
        public let built: Int
        public let caught: Int
        /// How many of the others are told to be as right as the solution.
        public let accounted: Int

        public var survived: Int { built - caught }
    }

    /// What is wrong with the suite, or with the bank.
    public struct Finding: Codable, Sendable {
        /// The program or the check.
        public let about: String
        public let message: String
        /// Whether it is neither's fault: the kit could not try the program.
        public var isOfKit = false
    }

    /// The stage's name: `bind`.
    public let stage: String
    /// How many wrong programs of the bank were tried, and how many right ones, the solution among them.
    public let wrong: Int
    public let right: Int
    /// In the suite's order; empty where only mutants were tried.
    public let checks: [Check]
    /// Nil where only the bank was tried.
    public let mutants: Mutants?
    public let findings: [Finding]

    init(_ stage: Stage, _ tried: [Tried], _ survivors: Survivors?) {
        let bank = tried.filter { $0.trial.mutant == nil }
        let mutants = tried.filter { $0.trial.mutant != nil }
        let wrong = bank.filter { $0.trial.expectation != .passes }
        let firstCaught = Dictionary(grouping: mutants.compactMap(\.failed.first?.name), by: \.self)
        self.stage = stage.rawValue
        self.wrong = wrong.count
        right = bank.count - wrong.count
        checks = (bank.first?.result.checks ?? []).map { check in
            let caught = wrong.filter { $0.failed.contains { $0.name == check.name } }
            return Check(
                name: check.name,
                caught: caught.map(\.trial.name),
                mutants: firstCaught[check.name]?.count ?? 0
            )
        }
        self.mutants = survivors.map { Mutants(mutants, $0) }
        let idle = checks.filter(\.caught.isEmpty).map {
            Finding(about: $0.name, message: "catches no wrong program")
        }
        findings =
            tried.flatMap { Finding.disagreements($0) } + bank.flatMap { Finding.misjudgements($0) } + idle
            + tried.flatMap { Finding.failures($0) }
            + (survivors.map { Finding.unaccounted(mutants, $0) } ?? [])
    }
}

extension StageMatrix.Mutants {
    fileprivate init(_ tried: [Tried], _ survivors: Survivors) {
        made = tried.count
        built = tried.filter(\.isGraded).count
        caught = tried.filter { !$0.failed.isEmpty }.count
        accounted = tried.survivors.filter { survivors.reason(for: $0) != nil }.count
    }
}

extension [Tried] {
    /// The mutants that compile, and that no check refuses.
    fileprivate var survivors: [Mutant] {
        filter { $0.isGraded && $0.failed.isEmpty }.compactMap(\.trial.mutant)
    }
}

extension StageMatrix.Finding {
    /// Verdicts that were not the same in every run.
    fileprivate static func disagreements(_ tried: Tried) -> [Self] {
        let verdicts = tried.results.map { $0.checks.map { "\($0.name): \($0.outcome.rawValue)" } }
        let differing = verdicts.enumerated().filter { $0.element != verdicts[0] }
        return differing.map { index, verdict in
            let difference = verdict.difference(from: verdicts[0]).map { change in
                switch change {
                case .remove(_, let check, _): "run 1 says \(check)"
                case .insert(_, let check, _): "run \(index + 1) says \(check)"
                }
            }
            let messages = [tried.results[0], tried.results[index]].flatMap(\.checks)
                .filter { check in
                    difference.contains { $0.hasSuffix("\(check.name): \(check.outcome.rawValue)") }
                }
                .map(\.message).filter { !$0.isEmpty }
            return Self(about: tried.trial.name, message: (difference + messages).joined(separator: "\n"))
        }
    }

    /// A program of the bank whose verdict is not the one that it has to be.
    fileprivate static func misjudgements(_ tried: Tried) -> [Self] {
        if tried.result.state == .couldNotRun { return [] }
        let whole = TextFormat(style: .plain).stage(tried.result)
        func finding(_ message: String) -> [Self] {
            [Self(about: tried.trial.name, message: "\(message)\n\(whole)")]
        }
        guard case .caught(let name, let cause) = tried.trial.expectation else {
            return tried.result.state == .passed ? [] : finding("is right, and is refused")
        }
        guard let check = tried.failed.first(where: { $0.name == name }) else {
            return finding("is not caught by \(name)")
        }
        return cause.map(check.says) ?? true ? [] : finding("is caught, but not told: \(cause ?? "")")
    }

    /// A program that may be right or wrong: the kit could not find out.
    fileprivate static func failures(_ tried: Tried) -> [Self] {
        guard tried.result.state == .couldNotRun else { return [] }
        let reasons = [tried.result.diagnostics] + tried.result.checks.map(\.message)
        return [
            Self(
                about: tried.trial.name,
                message: (["could not be tried"] + reasons.filter { !$0.isEmpty }).joined(separator: "\n"),
                isOfKit: true
            )
        ]
    }

    /// Mutants that nobody has looked at, and those that were looked at in vain.
    fileprivate static func unaccounted(_ mutants: [Tried], _ survivors: Survivors) -> [Self] {
        let alive = mutants.survivors
        let unknown = alive.filter { survivors.reason(for: $0) == nil }.map {
            Self(about: $0.heading, message: "survives\n" + $0.change.joined(separator: "\n"))
        }
        let outdated = survivors.outdated(by: alive).map {
            Self(
                about: $0[0],
                message: "is told to survive, and does not\n" + $0.dropFirst().joined(separator: "\n")
            )
        }
        return unknown + outdated
    }
}

extension CheckResult {
    /// Whether the message says `text`. Lines are wrapped: what is asked for may stand on two.
    fileprivate func says(_ text: String) -> Bool {
        message.split { " \n".contains($0) }.joined(separator: " ").contains(text)
    }
}
