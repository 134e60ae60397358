import Foundation
import Supervision
import XCTest

/// The rules by which the recorder of socket calls chooses calls, and what is to happen to them.
final class SocketTraceRuleTests: XCTestCase {
    func testRulesChooseCalls() throws {
        let words = "pair send:3 write:3 send:3 sendto:3 send:3"
        func failing(_ which: String) throws -> [Int] {
            let seen = try trace(words, faults: "send:\(which):EIO")
            return zip(1..., seen.calls(.send)).filter { $1.errno == EIO }.map(\.0)
        }
        XCTAssertEqual(try failing("1"), [1])
        XCTAssertEqual(try failing("4"), [4])
        XCTAssertEqual(try failing("3+"), [3, 4, 5])
        XCTAssertEqual(try failing("*"), [1, 2, 3, 4, 5])
        XCTAssertEqual(try failing("2,5"), [2, 5])
        XCTAssertEqual(try failing("6"), [])
    }

    func testRulesAddUp() throws {
        let faults = "send:2:EIO;send:*:short=2;;send:3+:short=1;recv:1:ENOMEM;send:3:late=1"
        let seen = try trace("pair send:3 send:3 send:3 recv:4 recv:4", faults: faults)
        XCTAssertEqual(
            seen.outputLines,
            ["send 2 0", failed("send", EIO), "send 1 0", failed("recv", ENOMEM), "recv 3 0 heh"]
        )
    }

    func testAMalformedRuleIsNotedAndLeftOut() throws {
        let wrong = [
            "send", "send:1", "sned:1:EIO", "send:0:EIO", "send:x:EIO", "send:1,:EIO,", "send:1:EWRONG",
            "send:1:short=0",
            "bind:1:short=1", "send:1:late=x", "getaddrinfo:1:EIO", "send:1:EAI_AGAIN", "other:1:EIO",
            "bind:1:timeout", "send:1:timeout=1", "sleep:1:EINTR", "send:1,2,3,4,5,6,7,8,9:EIO",
        ]
        let seen = try trace("pair send:3 send:3", faults: (wrong + ["send:2:EIO"]).joined(separator: ";"))
        XCTAssertEqual(seen.records.filter { $0.name == "bad-rule" }.map(\.arguments), wrong.map { [$0] })
        XCTAssertEqual(seen.outputLines, ["send 5 0", failed("send", EIO)])
    }

    func testAProgramAndItsChildrenCountTogether() throws {
        let seen = try everything(of: start("pair send:3 fork send:3", faults: "send:3:EIO"))
        XCTAssertEqual(seen.calls(.send).map(\.result), [5, 5, -1])
        XCTAssertEqual(seen.outputLines.last, failed("send", EIO), "the parent, which comes after its child")
    }
}
