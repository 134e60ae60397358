import ReferenceEcho
import Supervision
import XCTest

@testable import Tracing

/// Where things stand in a drawing, and what is not drawn.
final class TimelineTests: XCTestCase {
    // MARK: The end of a connection

    private static let closedUnderneath = [
        "<\t1\t1\t100000\taccept\t4\t0\t3\t127.0.0.1:5",
        ">\t1\t1\t200000\trecv\t-\t-\t4\t-\t4096\t0\t-", "<\t1\t2\t300000\tclose\t0\t0\t4",
    ]

    func testADescriptorClosedUnderACallEndsWithThatCall() {
        let goesOn = conversation(Self.closedUnderneath, [])
        XCTAssertEqual(described(goesOn.segments), [])
        let returns = "<\t1\t1\t500000\trecv\t0\t0\t4\t-\t4096\t0\t-"
        let returned = conversation(Self.closedUnderneath + [returns], [step(.shutdown, 40)])
        XCTAssertEqual(described(returned.segments), ["client FIN", "program FIN"])
        XCTAssertEqual(returned.segments.last?.time, 500_001)
    }

    func testADescriptorClosedUnderACallEndsWithTheProgram() {
        var conversation = conversation(Self.closedUnderneath, [])
        conversation.end = .init(time: 600_000, text: "exit 0", isFailure: false)
        XCTAssertEqual(conversation.segments.map(\.time), [600_000])
    }

    func testADescriptorClosedUnderPollIsKept() {
        let records = [
            "<\t1\t1\t100000\taccept\t4\t0\t3\t127.0.0.1:5",
            ">\t1\t1\t200000\tpoll\t-\t-\t2\t-1\t3:IN 4:IN", "<\t1\t2\t300000\tclose\t0\t0\t4",
        ]
        XCTAssertEqual(described(conversation(records, []).segments), [])
    }

    func testAResetStandsWithThePeerThatSentIt() {
        let records = [
            "<\t1\t1\t100000\taccept\t4\t0\t3\t127.0.0.1:5",
            ">\t1\t1\t200000\trecv\t-\t-\t4\t-\t4096\t0\t-",
            "<\t1\t1\t400000\trecv\t-1\t104\t4\t-\t4096\t0\t-",
        ]
        let segments = conversation(records, [step(.reset, 30)]).segments
        XCTAssertEqual(described(segments), ["client RST"])
        XCTAssertEqual(segments.first?.cause, .step(0))
    }

    // MARK: Rows

    func testASignalStandsInItsPlace() {
        var conversation = conversation([">\t1\t1\t100000\taccept\t-\t-\t3\t-"], [])
        conversation.signals = [SentSignal(SIGINT, time: 200_000)]
        conversation.end = .init(time: 300_000, text: "exit 0", isFailure: false)
        XCTAssertEqual(
            calls(in: conversation),
            ["  0.00 ┌ accept(3)", "  0.10 │ --- SIGINT ---", "  0.20 └ exit 0"]
        )
        XCTAssertTrue(SVGDrawing(conversation).text.contains("--- SIGINT ---"))
    }

    func testABarEndsWithTheProgram() {
        var conversation = conversation(
            [
                "<\t1\t1\t100000\taccept\t4\t0\t3\t127.0.0.1:5",
                ">\t1\t1\t200000\trecv\t-\t-\t4\t-\t4096\t0\t-",
            ],
            [step(.recv, 50)]
        )
        conversation.end = .init(time: 300_000, text: "exit 77", isFailure: true)
        XCTAssertEqual(
            TextDrawing(conversation).lines.dropFirst(2).prefix(3),
            [
                "  0.10 ┌ recv(4, 4096)                      │               │",
                "  0.20 └ exit 77                            │──── FIN ─────▶│ recv 0, the end",
                "",
            ]
        )
    }

    func testClientsHaveTheirNumbersInBothLanes() {
        let records = [
            "<\t1\t1\t200000\taccept\t4\t0\t3\t127.0.0.1:5", ">\t1\t1\t300000\taccept\t-\t-\t3\t-",
            "<\t1\t1\t500000\taccept\t5\t0\t3\t127.0.0.1:6",
        ]
        let steps = [step(.connect, 10), step(.connect, 40, client: "127.0.0.1:6")]
        let conversation = conversation(records, steps)
        let accepts = calls(in: conversation).filter { $0.contains("accept") }
        XCTAssertTrue(accepts[0].hasSuffix("accept(3) = 4  127.0.0.1:5 #1"), accepts[0])
        XCTAssertTrue(accepts[2].hasSuffix("└ accept = 5  127.0.0.1:6 #2"), accepts[2])
    }

    func testALongAnswerHasARowOfItsOwn() {
        let answer = "127.0.0.2:7007,127.0.0.1:7007"
        let lookup = "getaddrinfo\t0\t0\tlocalhost\t7007\tAF_UNSPEC\tSOCK_STREAM\t\(answer)"
        let conversation = conversation(["*\t1\t1\t100000\t\(lookup)"], [])
        XCTAssertEqual(
            calls(in: conversation),
            ["  0.00 getaddrinfo(localhost, 7007)", "         = 0  127.0.0.2 127.0.0.1"]
        )
    }

    // MARK: Many rows

    func testWhatRepeatsItselfIsFolded() {
        let accepted = "<\t1\t1\t50000\taccept\t4\t0\t3\t127.0.0.1:5"
        let receives = (1...70).map { "<\t1\t1\t\($0 + 900)000\trecv\t4096\t0\t4\t\"x\"\t4096\t0\t-" }
        let sends = (1...70).map { step(.send, UInt64($0 + 9), String(repeating: "x", count: 4096)) }
        let lines = TextDrawing(conversation([accepted] + receives, sends)).lines
        XCTAssertEqual(
            lines.dropFirst(2).prefix(3),
            [
                "  0.05                                      │◀ 286720 bytes │ send × 70  286,720",
                "  0.85 recv × 70  286,720 bytes             │               │", "",
            ]
        )
    }

    func testWhatAlternatesIsFoldedIntoARowEach() {
        let accepted = "<\t1\t1\t50000\taccept\t4\t0\t3\t127.0.0.1:5"
        let calls = (1...20).flatMap { round in
            ["recv", "send"].enumerated().map { place, name in
                "<\t1\t1\t\(round * 10 + place)0000\t\(name)\t10\t0\t4\t\"x\"\t10\t0\t-"
            }
        }
        let lines = self.calls(in: conversation([accepted] + calls, []))
        XCTAssertEqual(
            lines.dropFirst().map { $0.dropFirst(7) },
            ["recv × 20  200 bytes", "send × 20  200 bytes"]
        )
    }

    func testAFewShortSendsAreShownAsTheyWere() {
        let sends = (1...6).map { "<\t1\t1\t\($0)00000\tsend\t1\t0\t4\t\"x\"\t1\t0\t-" }
        XCTAssertEqual(calls(in: conversation(sends, [])).count, 6)
    }

    func testLeavesNoHalfOfAHandshake() {
        let lines = TextDrawing(conversation([], (1...5).map { step(.connect, UInt64($0)) }), limit: 8).lines
        let segments = lines.filter { $0.contains("▶") || $0.contains("◀") }
        XCTAssertEqual(segments.count % 3, 0, lines.joined(separator: "\n"))
        XCTAssertTrue(lines.contains("       ⋮ 3 rows are left out here"), lines.joined(separator: "\n"))
    }

    /// The lines of the drawing up to the program's lifeline, without those that follow the rows.
    private func calls(in conversation: Conversation) -> [String] {
        TextDrawing(conversation).lines.dropFirst().prefix { $0 != "" }
            .map { line in
                let lane = line.prefix(44)
                return String(lane.reversed().drop { $0 == " " }.reversed())
            }
    }
}
