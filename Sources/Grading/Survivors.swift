import Course
import Foundation

/// The mutants of a stage that no check refuses, each with the reason why it is as right as the solution.
///
/// It is data, the file `survivors.txt` beside the stage's programs in the bank. A mutant stands there by what
/// ``Mutant/heading`` and ``Mutant/change`` say of it, and below it the reason:
///
///     ## number-changed in echo
///     -    var buffer = [UInt8](repeating: 0, count: 4096)
///     +    var buffer = [UInt8](repeating: 1, count: 4096)
///     Nothing is sent of the buffer but what was received into it.
///
/// Mutants that follow each other share the reason that comes next.
struct Survivors: Sendable {
    /// The reason for each mutant: its heading and its change, line by line.
    private(set) var reasons: [[String]: String] = [:]

    /// - Throws: ``KitFailure`` where a mutant has no reason.
    init(of stage: Stage, in repository: Repository) throws(KitFailure) {
        let path = "\(repository.root)/Tests/KitTests/Bank/\(stage.folder)/survivors.txt"
        let data = FileManager.default.contents(atPath: path) ?? Data()
        try self.init(text: String(decoding: data, as: UTF8.self), path: path)
    }

    init(text: String, path: String) throws(KitFailure) {
        var waiting: [[String]] = []
        for block in ("\n" + text).components(separatedBy: "\n## ").dropFirst() {
            let lines = block.split(separator: "\n").map(String.init)
            let isChange: (String) -> Bool = { $0.hasPrefix("-") || $0.hasPrefix("+") }
            waiting.append(lines.prefix(1) + lines.dropFirst().prefix(while: isChange))
            let reason = lines.dropFirst().drop(while: isChange).joined(separator: " ")
            if reason.isEmpty { continue }
            for mutant in waiting { reasons[mutant] = reason }
            waiting = []
        }
        if let mutant = waiting.first {
            throw KitFailure("\(path): no reason is told for\n\(mutant.joined(separator: "\n"))")
        }
    }

    func reason(for mutant: Mutant) -> String? { reasons[[mutant.heading] + mutant.change] }

    /// The mutants of the list that are not among `survivors`: each is caught, or is made no more.
    func outdated(by survivors: [Mutant]) -> [[String]] {
        let alive = Set(survivors.map { [$0.heading] + $0.change })
        return reasons.keys.filter { !alive.contains($0) }.sorted { $0.lexicographicallyPrecedes($1) }
    }
}

extension Mutant {
    /// Its mistake and its place: `number-changed in echo`.
    public var heading: String { "\(rule) in \(function)" }
}
