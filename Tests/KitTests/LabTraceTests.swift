import Course
import XCTest

/// `lab trace`: what the solutions and their peers say to each other.
final class LabTraceTests: XCTestCase {
    func testTracesSolutions() throws {
        let stories = [
            "accept": ["socket(", "bind(", "listen(", "accept(3)", "SYN+ACK", "accept = ", "exit 0"],
            "echo-server": [
                "#1 connect", "accept = 4", "#1 reset", "ECONNRESET", "#2 connect", "--- SIGINT ---",
                "exit 0",
            ],
        ]
        let copy = try LabCopy()
        for (stage, story) in stories {
            let run = try copy.lab("trace", stage, "--solution")
            XCTAssertEqual(run.status, 0, run.errors)
            XCTAssertLessThanOrEqual(run.lines.map(\.count).max() ?? 0, 80)
            let rows = story.map { word in run.lines.firstIndex { $0.contains(word) } }
            XCTAssertEqual(rows.compactMap { $0 }, rows.compactMap { $0 }.sorted(), run.output)
            XCTAssertFalse(rows.contains(nil), run.output)
        }
    }

    func testTracesTheConversationOfAFailedCheck() throws {
        let copy = try LabCopy()
        let text = try copy.solution(.listen).text
        try copy.reset(.listen, to: text.replacingOccurrences(of: "listen(listener, SOMAXCONN)", with: "0"))
        let check = try copy.lab("check", "listen")
        XCTAssertTrue(check.lines.contains("see it: swift run lab trace listen --failed"), check.output)
        let trace = try copy.lab("trace", "listen", "--failed")
        XCTAssertEqual(trace.status, 0, trace.errors)
        XCTAssertTrue(trace.output.contains("◀──── SYN ─────│ connect :"), trace.output)
        XCTAssertTrue(trace.output.contains("──── RST ─────▶│ ECONNREFUSED"), trace.output)
        let other = try copy.lab("trace", "listen", "--check", "Step9")
        XCTAssertEqual(other.status, 1)
        XCTAssertTrue(other.output.hasPrefix("No check called Step9 failed"), other.output)
    }
}
