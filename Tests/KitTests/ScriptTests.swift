import ReferenceEcho
import XCTest

final class ScriptTests: XCTestCase {
    func testTheSameSeedGivesTheSameScript() {
        XCTAssertEqual(Script.random(seed: 7), Script.random(seed: 7))
        XCTAssertNotEqual(Script.random(seed: 7), Script.random(seed: 8))
        XCTAssertEqual(Payload.pattern(count: 5), Array(Payload.pattern(count: 100).prefix(5)))
    }

    func testAScriptIsReadFromText() throws {
        let text = #"""
            # A comment.
            send "h\x00\n\"\\"
            receive 2

            receive all sent
            send 300
            half-close
            receive until end
            reset
            """#
        let steps: [Script.Step] = [
            .send([0x68, 0, 0x0A, 0x22, 0x5C]), .receive(2), .receiveAllSent,
            .send(Payload.pattern(count: 300)),
            .halfClose, .receiveUntilEnd, .reset,
        ]
        XCTAssertEqual(try Script(parsing: text).steps, steps)
        let withReturns = text.replacingOccurrences(of: "\n", with: "\r\n")
        XCTAssertEqual(try Script(parsing: withReturns).steps, steps)
    }

    func testALineThatIsNoStepIsNamed() {
        let lines = [
            "sned 1", "send \"a", #"send "\q""#, #"send "\"#, "receive -1", "receive",
            "send 9223372036854775807",
            "receive 67108865",
        ]
        for line in lines {
            XCTAssertThrowsError(try Script(parsing: "close\n" + line), line) {
                XCTAssertEqual("\($0)", "script: line 2 is no step: \(line)")
            }
        }
    }

    func testNothingComesAfterTheEndOfTheConnection() {
        XCTAssertThrowsError(try Script(parsing: "send 1\nclose\n\nreceive until end")) {
            XCTAssertEqual("\($0)", "script: line 4 comes after the connection's end: receive until end")
        }
    }

    func testADifferenceTellsTheByte() {
        let difference = Payload.firstDifference(expected: [1, 2, 0x41], seen: [1, 2, 0x0A])
        XCTAssertEqual(difference?.description, "byte 2: expected 0x41, saw 0x0A")
        XCTAssertEqual(
            Payload.firstDifference(expected: [1], seen: [])?.description,
            "byte 0: expected 0x01, saw the end"
        )
        XCTAssertNil(Payload.firstDifference(expected: [1], seen: [1]))
    }

    func testADifferenceOfTranscriptsTellsTheLine() throws {
        let script = Script([.send(Array("ab".utf8)), .halfClose, .receiveUntilEnd])
        let right = try script.expectedTranscript()
        let server = try EchoServer.start(misbehaving: .closeEarly(after: 1))
        let wrong = try script.play(to: server.address)
        XCTAssertNil(right.firstDifference(from: right))
        XCTAssertEqual(
            wrong.firstDifference(from: right),
            """
            line 3
              expected  ← 2 bytes "ab"
              saw       ← 1 byte "a"
              at        byte 1: expected 0x62, saw the end
            """
        )
    }

    func testLongDataIsCutOff() throws {
        let server = try EchoServer.start()
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 100)
        let line = try Script([.send(bytes)]).play(to: server.address).description
        XCTAssertEqual(line, "→ 100 bytes \"\(String(repeating: "x", count: 48))\"…")
    }
}
