import ReferenceEcho
import Supervision
import XCTest

@testable import Tracing

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What is drawn of a conversation.
final class TracingTests: XCTestCase {
    // MARK: Segments

    func testAnAcceptedConnectionIsFollowedFromHandshakeToItsEnd() {
        XCTAssertEqual(
            described(Self.echo.segments),
            [
                "client SYN", "program SYN+ACK", "client ACK", "client 6 bytes \"hello\\n\"",
                "program 6 bytes \"hello\\n\"", "client FIN", "program FIN",
            ]
        )
    }

    func testTheEndOfAProgramIsTheEndOfItsConnections() {
        var conversation = Self.echo
        conversation.calls.removeLast()
        conversation.end = .init(time: 890_000, text: "exit 0", isFailure: false)
        XCTAssertEqual(conversation.segments.last?.cause, .end)
        XCTAssertEqual(conversation.segments.last?.kind, .fin)
    }

    func testAClientThatIsRefusedAndThenConnects() {
        let conversation = conversation(
            [
                "<\t1\t1\t100000\tconnect\t-1\t111\t3\t127.0.0.2:7\t16", "<\t1\t1\t200000\tclose\t0\t0\t3",
                ">\t1\t1\t300000\tconnect\t-\t-\t3\t127.0.0.1:7\t16",
                "<\t1\t1\t350000\tconnect\t0\t0\t3\t127.0.0.1:7\t16",
                "<\t1\t1\t400000\tsend\t-1\t4\t3\t\"x\"\t1\t0\t-",
                "*\t1\t1\t450000\tsend\t-1\t4\t3\t\"x\"\t1\t0\t-",
                "<\t1\t1\t500000\tsend\t1\t0\t3\t\"x\"\t1\t0\t-",
                "<\t1\t1\t700000\trecv\t-1\t104\t3\t-\t9\t0\t-",
            ],
            [step(.accept, 33), step(.recv, 55, "x"), step(.reset, 60)]
        )
        let expected = [
            "program SYN", "client RST", "program SYN", "client SYN+ACK", "program ACK",
            "program 1 byte \"x\"", "client RST",
        ]
        XCTAssertEqual(described(conversation.segments), expected)
    }

    func testADescriptorThatAnotherProcessHoldsKeepsTheConnectionOpen() {
        let conversation = conversation(
            [
                "<\t1\t1\t100000\taccept\t4\t0\t3\t127.0.0.1:5", "<\t1\t1\t200000\tfork\t2\t0",
                "<\t2\t2\t210000\tfork\t0\t0", "<\t1\t1\t300000\tclose\t0\t0\t4",
                "<\t2\t2\t400000\tclose\t0\t0\t4",
            ],
            []
        )
        XCTAssertEqual(conversation.segments.map(\.time), [400_000])
    }

    func testAClientThatNobodyAcceptsIsResetAtTheEnd() {
        var conversation = conversation([], [step(.connect, 10)])
        conversation.end = .init(time: 500_000, text: "exit 0", isFailure: false)
        XCTAssertEqual(
            described(conversation.segments),
            ["client SYN", "program SYN+ACK", "client ACK", "program RST"]
        )
    }

    // MARK: Drawings

    func testTellsWhatPollAskedForAndWhatItFound() {
        let conversation = conversation(
            [">\t1\t1\t1\tpoll\t-\t-\t2\t-1\t3:IN 4:IN", "<\t1\t1\t2\tpoll\t1\t0\t2\t-1\t4:IN"],
            []
        )
        XCTAssertEqual(CallText(conversation.calls[0]).whole, "poll(3:IN 4:IN, -1) = 1  4:IN")
    }

    func testDrawsText() {
        XCTAssertEqual(
            TextDrawing(Self.echo).lines.joined(separator: "\n"),
            #"""
                ms send-recv 0                                            a client

              0.00 ┌ accept(3)                          │               │
              0.10 │                                    │◀──── SYN ─────│ connect :7
                   │                                    │── SYN+ACK ───▶│
                   └ accept = 4  127.0.0.1:5            │◀──── ACK ─────│ connected
              0.30 ┌ recv(4, 4096)                      │               │
              0.40 └ recv = 6  "hello\n"                │◀─ "hello\n" ──│ send 6 bytes
              0.50   send(4, "hello\n", 6) = 6          │─ "hello\n" ──▶│ recv 6 bytes
              0.60 ┌ recv(4, 4096)                      │               │
              0.70 └ recv = 0  end of file              │◀──── FIN ─────│ shutdown
              0.80   close(4) = 0                       │──── FIN ─────▶│ recv 0, the end

            ms since the first call; ┌ │ └ a call that waits; ACKs of data are not drawn
            """#
        )
    }

    func testDrawsAPicture() throws {
        let picture = SVGDrawing(Self.refused).text
        let body = try XCTUnwrap(picture.components(separatedBy: "</style>\n").last)
        XCTAssertEqual(body, Self.picture)
        XCTAssertTrue(picture.contains("@media (prefers-color-scheme: dark)"))
        XCTAssertNotNil(try? XMLDocument(xmlString: SVGDrawing(Self.echo).text))
    }

    func testLeavesOutTheMiddleOfALongOne() {
        let calls = (1...1000).map { "<\t1\t1\t\($0)\tsetsockopt\t-1\t9\t3\tSOL_SOCKET\tSO_REUSEADDR\t1" }
        let lines = TextDrawing(conversation(calls, []), limit: 20).lines
        XCTAssertEqual(lines.filter { $0.contains("setsockopt") }.count, 20)
        XCTAssertTrue(lines.contains("       ⋮ 980 rows are left out here"))
    }

    func testDrawsTwoProgramsSideBySide() {
        var other = Self.echo
        other.calls.removeLast()
        let lines = ComparisonDrawing(Self.echo, other).lines
        XCTAssertEqual(
            lines.filter { !$0.hasPrefix("  ") },
            ["-   close(4) = 0", "▶ sends, ◀ takes, … waits on"]
        )
        XCTAssertTrue(
            lines.contains("  ▶ send(4, \"hello\\n\", 6) = 6             ▶ send(4, \"hello\\n\", 6) = 6")
        )
    }

    func testSaysOfTheSameCallsThatTheyAreTheSame() {
        let one = conversation(["<\t1\t1\t1\tgetsockname\t0\t0\t3\t127.0.0.1:40001"], [])
        let other = conversation(["<\t1\t1\t1\tgetsockname\t0\t0\t3\t127.0.0.1:50002"], [])
        XCTAssertEqual(
            ComparisonDrawing(one, other).lines.dropLast(),
            ["Both make the same calls.", "    getsockname(3) = 0  127.0.0.1:40001"]
        )
    }

    func testComparesCallsInTheOrderOfTheirEffects() {
        let both = conversation(
            [
                ">\t1\t1\t100\trecv\t-\t-\t4\t-\t9\t0\t-", ">\t1\t2\t200\tsend\t-\t-\t4\t\"x\"\t1\t0\t-",
                "<\t1\t1\t300\trecv\t1\t0\t4\t\"x\"\t9\t0\t-", "<\t1\t2\t400\tsend\t1\t0\t4\t\"x\"\t1\t0\t-",
            ],
            []
        )
        XCTAssertEqual(
            ComparisonDrawing(both, both).lines.dropFirst().prefix(2).map { $0.prefix(8) },
            ["  ▶ send", "  ◀ recv"]
        )
    }

    // MARK: Kept

    func testIsKeptInAFile() throws {
        let folder = try ScratchFolder()
        try Self.echo.write(to: "\(folder.path)/of/a/check.json")
        XCTAssertEqual(try Conversation(contentsOf: "\(folder.path)/of/a/check.json"), Self.echo)
    }

    // MARK: Conversations

    private static let echo = conversation(
        [
            ">\t1\t1\t0\taccept\t-\t-\t3\t-", "<\t1\t1\t200000\taccept\t4\t0\t3\t127.0.0.1:5",
            ">\t1\t1\t300000\trecv\t-\t-\t4\t-\t4096\t0\t-",
            "<\t1\t1\t420000\trecv\t6\t0\t4\t\"hello\\n\"\t4096\t0\t-",
            ">\t1\t1\t500000\tsend\t-\t-\t4\t\"hello\\n\"\t6\t0\t-",
            "<\t1\t1\t520000\tsend\t6\t0\t4\t\"hello\\n\"\t6\t0\t-",
            ">\t1\t1\t600000\trecv\t-\t-\t4\t-\t4096\t0\t-", "<\t1\t1\t720000\trecv\t0\t0\t4\t-\t4096\t0\t-",
            "<\t1\t1\t800000\tclose\t0\t0\t4",
        ],
        [
            step(.connect, 10), step(.send, 40, "hello\n"), step(.recv, 51, "hello\n"), step(.shutdown, 70),
            step(.recv, 90),
        ]
    )

    private static let refused = conversation(
        [
            ">\t1\t1\t100000\tconnect\t-\t-\t3\t127.0.0.1:7\t16",
            "<\t1\t1\t200000\tconnect\t-1\t111\t3\t127.0.0.1:7\t16",
        ],
        []
    )

    private static let picture = """
        <rect class="page" x="0" y="0" width="800" height="168" rx="8"/>
        <text class="head" x="74" y="32">send-recv 0</text>
        <text class="head" x="636" y="32">a client</text>
        <text class="time" x="58" y="32">ms</text>
        <line class="life" x1="450" y1="44" x2="450" y2="126"/>
        <line class="life" x1="622" y1="44" x2="622" y2="126"/>
        <rect class="bar" x="445" y="70" width="10" height="32" rx="3"/>
        <text class="time" x="58" y="78">0.00</text>
        <text class="call" x="74" y="78">connect(3, 127.0.0.1:7)<title>connect(3, 127.0.0.1:7)</title></text>
        <line class="leader" x1="248" y1="74" x2="440" y2="74"/>
        <g class="control"><line x1="457" y1="74" x2="610" y2="74" stroke-width="1.5"/>\
        <path stroke="none" d="M619 74l-9 -4v8z"/><rect class="page" x="518" y="66" width="36" height="16" rx="0"/>\
        <text class="control on" x="536" y="78">SYN<title>SYN</title></text></g>
        <text class="error" x="74" y="102">connect = -1 ECONNREFUSED\
        <title>connect(3, 127.0.0.1:7) = -1 ECONNREFUSED</title></text>
        <line class="leader" x1="262" y1="98" x2="440" y2="98"/>
        <g class="reset"><line x1="619" y1="98" x2="466" y2="98" stroke-width="1.5"/>\
        <path stroke="none" d="M457 98l9 -4v8z"/><rect class="page" x="518" y="90" width="36" height="16" rx="0"/>\
        <text class="reset on" x="536" y="102">RST<title>RST</title></text></g>
        <text class="faint" x="16" y="152">ms since the first call; a bar is a call that waits; ACKs of data are not drawn</text>
        </svg>

        """
}
