// Puts a server under load and prints what was measured, both as JSON: a program of its own, since it has to
// be built for speed.
//
//     load-generator '{"server":"127.0.0.1:7007","load":{"stream":{}},"seconds":1,…}'
//
// It prints `ready` and waits for a line before the load begins, and holds its connections at the end until
// standard input ends, so that whoever has started it can look at the server.

import Foundation
import LoadGeneration
import Results

@main
struct LoadGeneratorProgram {
    static func main() {
        guard CommandLine.arguments.count == 2,
            let plan = try? JSONDecoder().decode(LoadPlan.self, from: Data(CommandLine.arguments[1].utf8))
        else {
            FileHandle.standardError.write(Data("usage: load-generator PLAN\n".utf8))
            exit(64)
        }
        LoadGenerator.run(plan) {
            write("ready\n")
            _ = readLine()
        } report: { outcome in
            write(JSONFormat.line(outcome))
            while readLine() != nil {}
        }
    }

    private static func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
