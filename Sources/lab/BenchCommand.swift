import Benchmark
import Course
import Foundation
import Grading
import Results

/// Measures servers beside the reference server.
struct BenchCommand: Command {
    static let name = "bench"
    static let synopsis = """
        bench [STAGE…] [--solutions] [--seconds N] [--svg FILE] [--format text|json] [--output FILE]
        """
    static let summary = "measure your servers beside the reference server"
    static let discussion = """
        Builds everything for speed, and puts a load on one server after the other, each started for it on 127.0.0.1:
        1, 50 and 1,000 clients, each of which sends a line of 64 bytes and waits for its echo; one long stream; clients
        that connect, have a line echoed and close, one after the other. Every byte is verified. The load comes from one
        thread: with many clients, a latency is in part the wait for its turn. Without STAGE: echo-server, fork and poll,
        as far as they are written; close and capitalise can be named. Exit status 1 when a server does not build, or
        does something wrong.

          --solutions       the kit's own solutions in place of your programs
          --seconds N       how long each measurement of each server takes (1 second)
          --svg FILE        draw a picture for a page into FILE, too
          --format FORMAT   text (the default) or json
          --output FILE     write the report to FILE, in place of standard output
        """

    enum Format: String, CaseIterable {
        case text, json
    }

    private let stages: [Stage]
    private let areNamed: Bool
    private let submission: Submission
    private let seconds: Double
    private let picture: String?
    private let format: Format
    private let output: String?

    /// The stages whose programs serve a stream, one client after the other or many at once.
    private static let benched: [Stage] = [.close, .echoServer, .capitalise, .fork, .poll]

    init(_ words: inout Words) throws {
        submission = words.takeFlag("--solutions") ? .solutions : .labs
        let time = try words.takeOption("--seconds") ?? "1"
        guard let seconds = Double(time), (0.1...60).contains(seconds) else {
            throw WrongUsage(message: "--seconds takes a number from 0.1 to 60, not \(time)")
        }
        self.seconds = seconds
        picture = try words.takeOption("--svg")
        format = try words.takeFormat()
        output = try words.takeOption("--output")
        let options = ["--solutions", "--seconds", "--svg", "--format", "--output"]
        let named = try words.finish(options: options).map(Stage.init)
        if let other = named.first(where: { !Self.benched.contains($0) }) {
            let known = Self.benched.map(\.rawValue).joined(separator: ", ")
            throw WrongUsage(message: "\(other.rawValue) has no server to bench: take \(known)")
        }
        areNamed = !named.isEmpty
        stages = Self.benched.filter { named.isEmpty ? $0.isUsual : named.contains($0) }
    }

    func run(in desk: Desk) throws -> ExitStatus {
        try desk.expectWritable(picture)
        try desk.expectWritable(output)
        let (servers, areComplete) = try contestants(in: desk)
        if servers.isEmpty { return .failed }

        let release = try ReleaseBuild(repository: desk.repository)
        if release.isNeeded {
            Terminal.complain("Building for release (once, and after a change of the kit) …")
        }
        let products = try release.run(["load-generator", "reference-server"])
        guard let generator = products.program("load-generator"),
            let reference = products.program("reference-server")
        else { throw KitFailure("the load generator is not in \(products.folder)") }

        let bench = Bench(
            [Contestant("reference-server", executable: reference)] + servers,
            generator: generator,
            seconds: seconds
        )
        let report = try bench.run { desk.progress.show($0) }
        desk.progress.clear()
        if let picture { try desk.deliver(BenchDrawing(report).text, to: picture) }
        try desk.deliver(text(report, in: desk), to: output)
        return areComplete && !report.hasMistakes ? .passed : .failed
    }

    private func text(_ report: BenchReport, in desk: Desk) -> String {
        switch format {
        case .json: return JSONFormat.text(report)
        case .text:
            let style = output == nil ? desk.style : .plain
            return BenchText(report, style: style).lines.joined(separator: "\n") + "\n"
        }
    }

    /// Builds the servers. One that does not build, or does not come to listen, takes no part, which is said.
    ///
    /// - Returns: the others, and whether those are all that were asked for.
    private func contestants(in desk: Desk) throws -> (servers: [Contestant], areComplete: Bool) {
        let grader = try Grader(repository: desk.repository)
        var servers: [Contestant] = []
        var areComplete = true
        for stage in stages {
            desk.progress.show("building \(stage.programs[0].name) …")
            let outcome = try contestant(stage, builtBy: grader)
            desk.progress.clear()
            switch outcome {
            case .success(let server): servers.append(server)
            case .failure(let absence):
                Terminal.complain(absence.reason)
                areComplete = areComplete && absence.isUnwritten && !areNamed
            }
        }
        return (servers, areComplete)
    }

    private func contestant(
        _ stage: Stage,
        builtBy grader: Grader
    ) throws -> Result<Contestant, DoesNotListen> {
        let name = stage.programs[0].name
        switch try grader.build(stage, of: submission, optimised: true) {
        case .doesNotBuild(let errors):
            return .failure(DoesNotListen(reason: "\(name) does not build:\n\(errors)"))
        case .built(let folder, _, _):
            let server = Contestant(
                name,
                executable: "\(folder)/\(name)",
                repliesInCapitals: stage == .capitalise
            )
            do throws(DoesNotListen) {
                try server.checkThatItListens()
                return .success(server)
            } catch {
                let reason = "\(name) is left out: \(error.reason)"
                return .failure(DoesNotListen(reason: reason, isUnwritten: error.isUnwritten))
            }
        }
    }
}

extension Stage {
    /// Whether it is benched unasked.
    fileprivate var isUsual: Bool { [.echoServer, .fork, .poll].contains(self) }
}
