import Dispatch
import Foundation

/// A connection that answers whenever there is something to read.
final class Client {
    let descriptor: Int32
    private let name: String
    private let source: DispatchSourceRead
    private var lines = LineReader()

    init?(acceptedFrom listener: Int32) {
        var peer = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        descriptor = withUnsafeMutablePointer(to: &peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(listener, $0, &length) }
        }
        name = text(peer)
        source = DispatchSource.makeReadSource(fileDescriptor: max(0, descriptor), queue: .main)
        if descriptor == -1 {
            perror("accept")
            source.resume()
            source.cancel()
            return nil
        }
        print("accepted \(name)")
        source.setEventHandler { [unowned self] in
            if !answer() { source.cancel() }
        }
        source.setCancelHandler { [descriptor, name] in
            close(descriptor)
            print("closed \(name)")
            clients[descriptor] = nil
        }
        source.resume()
    }

    private func answer() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == -1 { return errno == EINTR }
        let isOpen = lines.take(Array(buffer[..<count]))
        while let line = lines.next(atEnd: count == 0) {
            if !send(line) { return false }
        }
        return isOpen && count > 0
    }

    private func send(_ line: [UInt8]) -> Bool {
        var sent = 0
        while sent < line.count {
            let taken = line.withUnsafeBytes { write(descriptor, $0.baseAddress! + sent, line.count - sent) }
            if taken == -1 && errno != EINTR { return false }
            sent += max(0, taken)
        }
        return true
    }
}

// Outside main.swift, whose closures belong to the main actor.
@Sendable func endProgram() {
    exit(0)
}
