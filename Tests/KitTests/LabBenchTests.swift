import Course
import XCTest

/// What `lab bench` says of servers that can't be measured. (What can takes a build for release first.)
final class LabBenchTests: XCTestCase {
    func testAServerThatIsNotWrittenIsLeftOut() throws {
        let copy = try LabCopy()
        let run = try copy.lab("bench", "7")
        XCTAssertEqual(run.status, 1)
        XCTAssertEqual(run.output, "")
        XCTAssertTrue(
            run.errors.hasPrefix("echo-server is left out: step 1 is not written yet: "),
            run.errors
        )
    }

    func testAServerThatDoesNotBuildIsToldWithItsErrors() throws {
        let copy = try LabCopy()
        try copy.reset(.echoServer, to: "let port: Int = \"seven\"\n")
        try copy.reset(.close, to: "import LabSupport\nfail(\"sit still\")\n")
        let run = try copy.lab("bench", "close", "echo-server")
        XCTAssertEqual(run.status, 1)
        for words in [
            "echo-server does not build:\nLabs/07-echo-server/EchoServer.swift:1:17: error: ",
            "close is left out: it ended with status 1: sit still: ",
        ] {
            XCTAssertTrue(run.errors.contains(words), "\(words)\nis not in\n\(run.errors)")
        }
    }
}
