import Results

/// The matrix as people read it in a terminal.
public struct MatrixText: Sendable {
    private let style: Style

    public init(style: Style) {
        self.style = style
    }

    /// Every stage: which check caught which program, and what is wrong.
    public func report(_ report: MatrixReport) -> String {
        let mutants = report.stages.compactMap(\.mutants)
        var sums: [String] = []
        let programs = report.stages.reduce((0, 0)) { ($0.0 + $1.wrong, $0.1 + $1.right) }
        if programs != (0, 0) { sums.append("\(programs.0) wrong programs, \(programs.1) right ones") }
        if !mutants.isEmpty {
            sums.append(Self.counts(mutants))
        }
        let findings = report.stages.reduce(0) { $0 + $1.findings.count }
        sums.append(
            report.holds ? style.green("the matrix holds") : style.red("\(findings) things are wrong")
        )
        return (report.stages.map(stage) + [sums.joined(separator: "\n")]).joined(separator: "\n\n") + "\n"
    }

    private func stage(_ stage: StageMatrix) -> String {
        let checks = stage.checks.map { check in
            let mutants = check.mutants == 0 ? [] : ["\(check.mutants) mutants"]
            return "  \(check.name)\n" + Self.wrapped(check.caught + mutants, indent: 6)
        }
        let findings = stage.findings.map { finding in
            let lines = "\(finding.about) \(finding.message)".split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
            return "\(style.red("✗")) " + lines.joined(separator: "\n    ")
        }
        let mutants = stage.mutants.map { ["  " + Self.counts([$0])] } ?? []
        return ([style.bold(stage.stage)] + checks + mutants + findings).joined(separator: "\n")
    }

    private static func counts(_ mutants: [StageMatrix.Mutants]) -> String {
        func sum(_ count: (StageMatrix.Mutants) -> Int) -> Int { mutants.map(count).reduce(0, +) }
        return "\(sum(\.made)) mutants, \(sum(\.built)) of them compile: \(sum(\.caught)) caught, "
            + "\(sum(\.accounted)) of the other \(sum(\.survived)) accounted for"
    }

    /// `words`, with commas between them, in lines of 80 columns.
    private static func wrapped(_ words: [String], indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines = [margin]
        for (index, word) in words.enumerated() {
            let word = index == words.count - 1 ? word : word + ","
            if lines[lines.count - 1].count + word.count + 1 > 80 { lines.append(margin) }
            lines[lines.count - 1] += lines[lines.count - 1] == margin ? word : " \(word)"
        }
        return lines.joined(separator: "\n")
    }
}
