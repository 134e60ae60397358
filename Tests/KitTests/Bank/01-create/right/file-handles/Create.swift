// Foundation: file handles for input and output, a format string, and notes of its own on standard error.
import Foundation

@main
enum Create {
    static func main() {
        let arguments = ProcessInfo.processInfo.arguments
        note("started with \(arguments.count - 1) arguments")
        guard arguments.count == 1 else {
            note("usage: \(arguments[0])")
            exit(64)
        }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor != -1 else {
            let reason = errno
            note("socket: \(String(cString: strerror(reason)))")
            exit(1)
        }
        FileHandle.standardOutput.write(Data(String(format: "created socket %d\n", descriptor).utf8))
        let input = FileHandle.standardInput.readDataToEndOfFile()
        note("\(input.count) bytes came in, and were of no use")
        close(descriptor)
    }

    static func note(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
