import Foundation

/// The terminal that `lab` was started in, if it was.
enum Terminal {
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }
    static var isInput: Bool { isatty(STDIN_FILENO) == 1 }

    /// Whether it takes escape sequences. Emacs's shell, for one, says that it doesn't.
    static var knowsSequences: Bool { ProcessInfo.processInfo.environment["TERM"] != "dumb" }

    /// Writes to standard output at once. A reader that is gone (`lab | head`) is no concern of ours.
    static func write(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// Writes to standard output what must not be lost but to a reader that is gone.
    ///
    /// - Throws: what write(2) failed with: the disk is full.
    static func deliver(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch let error as NSError where error.isBrokenPipe {
        }
    }

    /// Writes a line to standard error.
    static func complain(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
    }

    /// Asks a question which is answered with y or n. Anything but y or yes is no.
    static func confirms(_ question: String) -> Bool {
        write("\(question) [y/N] ")
        return ["y", "yes"].contains((readLine() ?? "").lowercased())
    }
}

extension NSError {
    /// Foundation tells its own error, and beneath it that of the call.
    fileprivate var isBrokenPipe: Bool {
        if domain == NSPOSIXErrorDomain { return code == Int(EPIPE) }
        return (userInfo[NSUnderlyingErrorKey] as? NSError)?.isBrokenPipe ?? false
    }
}
