import Course
import Foundation
import Results
import Supervision
import XCTest

@testable import Benchmark

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What a bench makes of servers, and how it is shown.
final class BenchTests: XCTestCase {
    // MARK: Running

    func testServersAreMeasuredBesideEachOther() throws {
        let products = Products.besideThisProgram
        let reference = try XCTUnwrap(products.program("reference-server"), "it is not built")
        var bench = Bench(
            [
                Contestant("reference-server", executable: reference),
                Contestant("again", executable: reference),
                Contestant("silent", executable: "/bin/sh"),
            ],
            generator: try XCTUnwrap(products.program("load-generator"), "it is not built"),
            seconds: 0.05
        )
        bench.loads = [.requests(clients: 3), .stream, .connections]
        bench.rounds = 2
        var steps: [String] = []
        let report = try bench.run { steps.append($0) }

        // What came to nothing in the first round is not tried again.
        XCTAssertEqual(steps.count, 3 * (2 + 2 + 1))
        XCTAssertEqual(steps.first, "0% · 3 clients · reference-server …")
        XCTAssertEqual(report.servers.map(\.name), ["reference-server", "again", "silent"])
        for (load, quantity) in zip(
            bench.loads,
            [Quantity.requestsPerSecond, .bytesPerSecond, .connectionsPerSecond]
        ) {
            let figures = report.servers.map { report.figure(quantity, of: $0, under: load) }
            XCTAssertEqual(figures[0]?.ratio, 1)
            XCTAssertGreaterThan(try XCTUnwrap(figures[1]?.ratio), 0)
            XCTAssertNil(figures[2])
        }
        let wrong = report.servers[2].measurements[0]
        XCTAssertTrue(wrong.isMistake)
        XCTAssertTrue(wrong.trouble?.hasPrefix("it ended with status ") == true, "\(wrong)")
        XCTAssertTrue(report.hasMistakes)
        #if os(Linux)
        XCTAssertGreaterThan(try XCTUnwrap(report.servers[1].peakMemory?.value), 1_000_000)
        #endif
    }

    func testAServerThatDoesNotComeToListenIsTold() throws {
        let folder = try ScratchFolder()
        try folder.write("#!/bin/sh\necho 'step 1 is not written yet' >&2\nexit 77\n", to: "starter")
        chmod("\(folder.path)/starter", 0o755)
        XCTAssertThrowsError(
            try Contestant("starter", executable: "\(folder.path)/starter").checkThatItListens()
        ) { error in
            let reason = "step 1 is not written yet"
            XCTAssertEqual(error as? DoesNotListen, DoesNotListen(reason: reason, isUnwritten: true))
        }
        XCTAssertThrowsError(try Contestant("none", executable: "/nowhere").checkThatItListens()) { error in
            let reason = "execve: No such file or directory"
            XCTAssertEqual(error as? DoesNotListen, DoesNotListen(reason: reason))
        }
    }

    #if os(Linux)
    func testMemoryThatAFamilySharesCountsOnce() throws {
        let script = "exec 3<&0; for i in 1 2 3 4 5 6 7 8; do (read line <&3) & done; echo; wait"
        let family = try run(script)
        XCTAssertNotNil(family.wait(.seconds(10)) { $0.outputLines.isEmpty ? nil : true })
        let one = try run("echo; read line")
        XCTAssertNotNil(one.wait(.seconds(10)) { $0.outputLines.isEmpty ? nil : true })
        let alone = try XCTUnwrap(one.memory())
        XCTAssertGreaterThan(alone, 100_000)
        XCTAssertLessThan(try XCTUnwrap(family.memory()), 6 * alone)
        one.end(.kill)
        XCTAssertNil(one.memory())
    }
    #endif

    // MARK: Showing

    private let report: BenchReport = {
        func server(_ name: String, _ factor: Double, at most: Int) -> BenchReport.Server {
            func figure(_ value: Double) -> BenchReport.Figure { .init(value * factor, to: value) }
            func requests(_ clients: Int) -> BenchReport.Measurement {
                let isServed = clients <= most
                let figures: [Quantity: BenchReport.Figure] = [
                    .requestsPerSecond: figure(61_234), .medianLatency: figure(15.9e-6),
                    .percentile99Latency: figure(1.2345e-3), .largestLatency: figure(2.5),
                    .processorTimePerRequest: figure(4.2e-6),
                ]
                return .init(
                    load: .requests,
                    clients: clients,
                    figures: isServed ? figures : [:],
                    trouble: isServed ? nil : "serves 1 of \(clients) at a time & <no more>",
                    isMistake: false
                )
            }
            let stream = [Quantity.bytesPerSecond: figure(2.315e9)]
            let connections = [Quantity.connectionsPerSecond: figure(9_876)]
            return .init(
                name: name,
                measurements: [1, 50, 1000].map(requests) + [
                    .init(load: .stream, clients: nil, figures: stream, trouble: nil, isMistake: false),
                    .init(
                        load: .connections,
                        clients: nil,
                        figures: connections,
                        trouble: nil,
                        isMistake: false
                    ),
                ],
                peakMemory: factor == 1 ? nil : figure(9_500_000)
            )
        }
        return BenchReport(
            seconds: 1,
            servers: [
                server("reference-server", 1, at: 1000), server("capitalise-server", 0.5, at: 1),
                server("fork-server", 123.4, at: 1000),
            ]
        )
    }()

    func testTheTableHasEachFigureAndItsRatio() {
        let lines = BenchText(report).lines
        for line in [
            "1 client               requests/s         median           99th        largest",
            "reference-server     61,234        15.9 µs        1.23 ms         2.50 s      ",
            "capitalise-server    30,617  0.50  7.95 µs  0.50   617 µs  0.50   1.25 s  0.50",
            "capitalise-server   serves 1 of 50 at a time & <no more>",
            "reference-server    4.20 µs        4.20 µs        4.20 µs      ",
            "reference-server  2.32 GB/s          9,876              -      ",
            "capitalise-server 1.16 GB/s  0.50    4,938  0.50 4.53 MiB  0.50",
        ] {
            XCTAssertTrue(lines.contains(line), "\(line)\nis not in\n\(lines.joined(separator: "\n"))")
        }
    }

    func testTextFitsATerminal() {
        let lines = BenchText(report).lines
        for line in lines { XCTAssertLessThanOrEqual(line.count, 80, line) }
        let bars = lines.filter { $0.contains("█") }
        XCTAssertEqual(bars.map { $0.filter { $0 == "█" }.count }.max(), 40)
        XCTAssertTrue(
            BenchText(report, style: Style(isColoured: true)).lines[0].hasPrefix("\u{1B}[1m1 client")
        )
    }

    func testThePictureIsXML() throws {
        let text = BenchDrawing(report).text
        XCTAssertNotNil(try? XMLDocument(xmlString: text), text)
        for words in ["serves 1 of 50 at a time &amp; &lt;", "15.9 µs, 99th 1.23 ms", "prefers-color-scheme"]
        {
            XCTAssertTrue(text.contains(words), words)
        }
    }

    func testJSONHasTheNamesThatOtherToolsRead() throws {
        let text = JSONFormat.text(report)
        XCTAssertEqual(try JSONDecoder().decode(BenchReport.self, from: Data(text.utf8)), report)
        let object = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        XCTAssertEqual(Set(object.keys), ["kit", "version", "seconds", "servers"])
        let servers = try XCTUnwrap(object["servers"] as? [[String: Any]])
        XCTAssertEqual(Set(servers[1].keys), ["name", "measurements", "peakMemory"])
        let measurements = try XCTUnwrap(servers[1]["measurements"] as? [[String: Any]])
        XCTAssertEqual(Set(measurements[0].keys), ["load", "clients", "figures", "isMistake"])
        XCTAssertEqual(Set(measurements[1].keys), ["load", "clients", "figures", "isMistake", "trouble"])
        let figures = try XCTUnwrap(measurements[0]["figures"] as? [String: [String: Double]])
        XCTAssertEqual(figures["requestsPerSecond"], ["value": 30_617, "ratio": 0.5])
    }
}
