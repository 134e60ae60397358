import Foundation
import Results
import XCTest

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Results as other tools and people read them.
final class ResultFormatsTests: XCTestCase {
    /// What is most unpleasant to quote.
    private static let message = "ran  bind\n\tsaw \u{0}\u{1B}[31m \u{FFFE}\r ]]> <b> & \"é\" 'x' 🙂"

    private let report = GradeReport(
        core: [
            StageResult(
                stage: "bind",
                maxScore: 10,
                checks: [
                    CheckResult(name: "testStep1A", outcome: .passed, seconds: 0.1204),
                    CheckResult(name: "testStep1B", outcome: .failed, message: message),
                    CheckResult(name: "testStep2C", outcome: .skipped, message: "step 2 is not written yet"),
                    CheckResult(name: "testStep2D", outcome: .notReached),
                    CheckResult(name: "testStep2E", outcome: .couldNotRun, message: "no IPv6 here"),
                ]
            ),
            StageResult(stage: "listen", maxScore: 10, state: .doesNotBuild, diagnostics: message),
            StageResult(stage: "accept", maxScore: 10, state: .couldNotRun, diagnostics: "no tests"),
        ]
    )

    func testJSONHasTheNamesThatOtherToolsRead() throws {
        let text = JSONFormat.text(report)
        let object = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        XCTAssertEqual(
            Set(object.keys),
            ["kit", "version", "score", "maxScore", "bonus", "maxBonus", "stages"]
        )
        XCTAssertEqual(object["kit"] as? String, "socket-lab")
        XCTAssertEqual(object["version"] as? Int, 1)
        let stages = try XCTUnwrap(object["stages"] as? [[String: Any]])
        for stage in stages {
            XCTAssertEqual(
                Set(stage.keys),
                ["stage", "state", "score", "maxScore", "checks", "diagnostics"]
            )
        }
        XCTAssertEqual(stages.map { $0["state"] as? String }, ["failed", "doesNotBuild", "couldNotRun"])
        let checks = try XCTUnwrap(stages[0]["checks"] as? [[String: Any]])
        for check in checks {
            XCTAssertEqual(Set(check.keys), ["name", "title", "step", "outcome", "seconds", "message"])
        }
        XCTAssertEqual(
            checks.map { $0["outcome"] as? String },
            ["passed", "failed", "skipped", "notReached", "couldNotRun"]
        )
        XCTAssertEqual(checks[1]["message"] as? String, Self.message)
        XCTAssertEqual(try JSONDecoder().decode(GradeReport.self, from: Data(text.utf8)), report)
    }

    func testJUnitCanBeReadWhateverAMessageHolds() throws {
        let parser = XMLParser(data: Data(JUnitFormat.text(report).utf8))
        let reader = JUnitReader()
        parser.delegate = reader
        XCTAssertTrue(parser.parse(), "\(String(describing: parser.parserError))")
        XCTAssertEqual(
            reader.suites,
            ["bind 5 2 2", "listen 1 1 0", "accept 1 0 1"]
        )
        XCTAssertEqual(
            reader.cases.map { "\($0.name) \($0.verdict)" },
            [
                "testStep1A passed", "testStep1B failure", "testStep2C failure", "testStep2D skipped",
                "testStep2E skipped", "listen builds failure", "accept builds skipped",
            ]
        )
        let quoted = "ran  bind\n\tsaw \u{FFFD}\u{FFFD}[31m \u{FFFD}\u{FFFD} ]]> <b> & \"é\" 'x' 🙂"
        XCTAssertEqual(reader.cases[1].message, quoted)
        XCTAssertEqual(reader.cases[5].message, quoted)
        XCTAssertEqual(reader.cases[0].time, "0.12")
    }

    func testAPictureCanBeReadWhateverATextHolds() {
        let text = SVG.text("head", 0, 0, Self.message + "<\u{301}", title: Self.message)
        let picture = SVG.document(width: 10, height: 10, title: Self.message, style: "", [text])
        let parser = XMLParser(data: Data(picture.utf8))
        XCTAssertTrue(parser.parse(), "\(String(describing: parser.parserError))")
    }

    func testTextTellsWhyWhatDidNotPass() {
        let text = TextFormat(style: .plain).report(report)
        XCTAssertTrue(text.hasPrefix("bind\n✓ step 1 · a\n✗ step 1 · b\n    ran  bind\n    \tsaw"), text)
        XCTAssertTrue(
            text.contains("\n… step 2 · c\n    step 2 is not written yet\n? step 2 · e\n")
        )
        let end = "\n    no IPv6 here\n- 1 more check waits for that\nbind: failed, 2.5 of 10 points\n"
        XCTAssertTrue(text.contains(end), text)
        XCTAssertTrue(text.contains("\naccept\n    no tests\naccept: could not run, 0 of 10 points\n"), text)
        XCTAssertTrue(text.hasSuffix("\nscore  2.5 of 20\n"), text)
        XCTAssertTrue(
            TextFormat(style: Style(isColoured: true)).report(report).contains("\u{1B}[31m✗\u{1B}[0m")
        )
    }
}

/// Collects the test cases of a JUnit file.
private final class JUnitReader: NSObject, XMLParserDelegate {
    struct Case {
        let name: String
        let time: String
        var verdict = "passed"
        var message = ""
    }

    private(set) var cases: [Case] = []
    /// Name, number of cases, failures, skipped.
    private(set) var suites: [String] = []

    func parser(
        _ parser: XMLParser,
        didStartElement element: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        func value(_ name: String) -> String { attributes[name] ?? "(no \(name))" }
        switch element {
        case "testsuite":
            suites.append(["name", "tests", "failures", "skipped"].map(value).joined(separator: " "))
        case "testcase": cases.append(Case(name: value("name"), time: value("time")))
        case "failure", "skipped":
            cases[cases.count - 1].verdict = element
            cases[cases.count - 1].message = value("message")
        default: break
        }
    }
}
