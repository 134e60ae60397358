import Course

/// A program made from a solution by one mistake.
public struct Mutant: Sendable {
    public let stage: Stage
    /// The kind of mistake: the name of a ``Mutation``.
    public let rule: String
    /// The function in which it was made.
    public let function: String
    /// How it differs from the solution: `-` and a line that it lacks, `+` and a line in its place.
    public let change: [String]
    /// The text of the stage's files, by their names.
    let files: [String: String]

    /// Every mutant of the solution of `stage`, each text once. Only what is new in the stage is changed: the
    /// steps, and the `main` that calls them. What came from the stages before was changed in theirs.
    public static func all(of stage: Stage, in repository: Repository) -> [Mutant] {
        var files: [String: String] = [:]
        for program in stage.programs {
            files[program.file] = repository.solution(of: program, in: stage)?.text
        }
        return stage.programs.flatMap { program in
            all(of: files[program.file] ?? "").map { made in
                let text = made.text.joined(separator: "\n")
                return Mutant(
                    stage: stage,
                    rule: made.rule,
                    function: made.function,
                    change: made.change,
                    files: files.merging([program.file: text]) { $1 }
                )
            }
        }
    }

    /// What a rule makes of a text.
    struct Rewriting {
        let rule: String
        let function: String
        let change: [String]
        let text: [String]
    }

    static func all(of solution: String, by rules: [Mutation] = Mutation.all) -> [Rewriting] {
        let lines = solution.split(separator: "\n", omittingEmptySubsequences: false)
            .map { SourceLine(text: String($0)) }
        let texts = lines.map(\.text)
        let own = lines.prefix { !$0.text.hasPrefix("// MARK: - From stage") }
        var known: Set<[String]> = [texts]
        var all: [Rewriting] = []
        for index in own.indices where lines[index].isCode {
            let function = lines[lines.function(at: index)].functionName ?? ""
            for rule in rules {
                for text in rule.variants(lines, index) where known.insert(text).inserted {
                    let change = Self.change(from: texts, to: text)
                    all.append(Rewriting(rule: rule.name, function: function, change: change, text: text))
                }
            }
        }
        return all
    }

    /// The lines that differ: what was left out, then what came in.
    private static func change(from old: [String], to new: [String]) -> [String] {
        let difference = new.difference(from: old)
        return (difference.removals + difference.insertions).map { change in
            switch change {
            case .remove(_, let line, _): "-" + line
            case .insert(_, let line, _): "+" + line
            }
        }
    }
}

extension SourceLine {
    /// The name in `static func main() {`.
    fileprivate var functionName: String? {
        text.range(of: "func ").map { String(text[$0.upperBound...].prefix { $0 != "(" }) }
    }
}
