/// Results as the XML that JUnit's Ant task began and that most graders and CI systems read.
///
/// What a check has to say stands in the attribute `message`: some readers look nowhere else. A check that
/// could not run, or was not reached, is `skipped`; a stage that does not build, or could not run, is one
/// test case of its own.
public enum JUnitFormat {
    public static func text(_ report: GradeReport) -> String {
        let cases = report.stages.flatMap(\.junitCases)
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
        lines.append("<testsuites \(attributes(of: cases, name: report.kit))>")
        for stage in report.stages {
            lines.append("  <testsuite \(attributes(of: stage.junitCases, name: stage.stage))>")
            lines += stage.junitCases.map { "    " + element($0, stage: stage.stage) }
            lines.append("  </testsuite>")
        }
        return (lines + ["</testsuites>", ""]).joined(separator: "\n")
    }

    private static func attributes(of cases: [CheckResult], name: String) -> String {
        let failures = cases.filter { $0.outcome.isFailure }.count
        let skipped = cases.filter { $0.outcome.isSkip }.count
        let seconds = cases.reduce(0) { $0 + $1.seconds }
        return "name=\"\(XML.escaped(name))\" tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\""
            + " skipped=\"\(skipped)\" time=\"\(rounded(seconds))\""
    }

    private static func element(_ check: CheckResult, stage: String) -> String {
        let head =
            "<testcase classname=\"\(XML.escaped(stage))\" name=\"\(XML.escaped(check.name))\""
            + " time=\"\(rounded(check.seconds))\""
        let message = XML.escaped(check.message.isEmpty ? "not reached" : check.message)
        if check.outcome.isFailure { return "\(head)><failure message=\"\(message)\"></failure></testcase>" }
        if check.outcome.isSkip { return "\(head)><skipped message=\"\(message)\"></skipped></testcase>" }
        return "\(head)/>"
    }

    private static func rounded(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}

extension StageResult {
    /// Its checks; where there are none, one that says why.
    fileprivate var junitCases: [CheckResult] {
        if !checks.isEmpty { return checks }
        let outcome: CheckResult.Outcome = state == .couldNotRun ? .couldNotRun : .failed
        return [CheckResult(name: "\(stage) builds", outcome: outcome, message: diagnostics)]
    }
}

extension CheckResult.Outcome {
    /// A step that is not written earns nothing: to a reader of JUnit, it failed.
    fileprivate var isFailure: Bool { self == .failed || self == .skipped }
    fileprivate var isSkip: Bool { self == .notReached || self == .couldNotRun }
}
