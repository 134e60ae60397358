import Foundation

final class Session: @unchecked Sendable {
    private let descriptor: Int32
    private let peer: FileHandle
    private let lock = NSLock()
    private var outstanding = 0
    private let isInteractive = isatty(0) == 1 && isatty(1) == 1

    init(connection: Int32) {
        descriptor = connection
        peer = FileHandle(fileDescriptor: connection, closeOnDealloc: true)
    }

    func begin() {
        prompt()
        Thread.detachNewThread { [self] in sendInput() }
    }

    private func sendInput() {
        while case let data = FileHandle.standardInput.availableData, !data.isEmpty {
            _ = count(data.count)
            do {
                try peer.write(contentsOf: data)
            } catch {
                return complain("write: \(error)")
            }
        }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Shows what comes; returns the exit status.
    func finish() -> Int32 {
        var buffer = [UInt8](repeating: 0, count: 3000)
        while true {
            let length = read(descriptor, &buffer, buffer.count)
            if length == -1 && errno == EINTR { continue }
            if length <= 0 { break }
            FileHandle.standardOutput.write(Data(buffer[..<length]))
            if count(-length) == 0 { prompt() }
        }
        let missing = count(0)
        if missing > 0 { complain("\(missing) bytes are missing") }
        return missing > 0 ? 1 : 0
    }

    private func count(_ bytes: Int) -> Int {
        lock.withLock {
            outstanding += bytes
            return outstanding
        }
    }

    private func prompt() {
        if isInteractive { FileHandle.standardOutput.write(Data("> ".utf8)) }
    }
}
