import Foundation
import ReferenceEcho

private let usage = "usage: reference-client HOST PORT [--script FILE | --seed N] [--verbose]"

private let help = """
    \(usage)

    Sends standard input to the server, and writes what comes back to standard output. HOST is a name or an
    address, PORT a number or a service's name; every address of the host is tried.

      --script FILE   play the steps in FILE, and print what was seen. A step is a line, one of:
                        send "TEXT"         with \\n, \\r, \\t, \\", \\\\ and \\xHH for bytes that are no text
                        send COUNT          so many bytes without a pattern
                        receive COUNT       take so many bytes
                        receive all sent    take as many as were sent
                        receive until end   take what comes until the server ends
                        half-close, reset, close
      --seed N        play a random script, the same one for the same N
      --verbose       tell on standard error what is tried
    """

/// What the command line asks for. Wrong usage ends the program with status 64, `--help` with 0.
struct Options {
    let host: String
    let service: String
    private(set) var isVerbose = false
    private var scriptFile: String?
    private var seed: UInt64?

    init(arguments: ArraySlice<String>) {
        var rest = arguments
        var positional: [String] = []
        while let argument = rest.popFirst() {
            switch argument {
            case "--verbose": isVerbose = true
            case "--script":
                scriptFile = rest.popFirst()
                if scriptFile == nil { end(status: 64, usage) }
            case "--seed":
                seed = rest.popFirst().flatMap { UInt64($0) }
                if seed == nil { end(status: 64, usage) }
            case "--help", "-h":
                print(help)
                exit(0)
            default: positional.append(argument)
            }
        }
        guard positional.count == 2, scriptFile == nil || seed == nil else { end(status: 64, usage) }
        host = positional[0]
        service = positional[1]
    }

    /// The script to play; nil where standard input is to be sent.
    func script() throws(ScriptSyntaxError) -> Script? {
        if let seed { return .random(seed: seed) }
        guard let scriptFile else { return nil }
        guard let text = try? String(contentsOfFile: scriptFile, encoding: .utf8) else {
            end(status: 64, "can't read \(scriptFile), or it is no text")
        }
        return try Script(parsing: text)
    }
}

/// Writes a line to standard error.
func note(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// Writes a line to standard error, and ends the program.
func end(status: Int32, _ line: String) -> Never {
    note(line)
    exit(status)
}
