import Foundation

/// A connection that never blocks: poll(2) waits for it, and for the server's end.
struct Client {
    let descriptor: Int32
    let name: String

    func say(_ word: String) { out("\(word) \(name)") }

    func serve(until server: Int32) {
        var held = Data()
        var hasEnded = false
        while !hasEnded || !held.isEmpty {
            let events = held.isEmpty ? POLLIN : POLLOUT
            var waiting = [
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&waiting, 2, -1) == -1 { continue }
            if waiting[1].revents != 0 { _exit(0) }
            if held.isEmpty {
                guard let data = receive() else { continue }
                held = data
                hasEnded = data.isEmpty
            } else {
                let count = held.withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
                }
                if count == -1 && errno != EINTR && errno != EAGAIN { break }
                held = Data(held.dropFirst(max(0, count)))
            }
        }
        close(descriptor)
    }

    /// Empty at the end; nil: nothing yet.
    private func receive() -> Data? {
        var data = Data(count: 30_000)
        let count = data.withUnsafeMutableBytes {
            recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        if count == -1 && (errno == EINTR || errno == EAGAIN) { return nil }
        return data.prefix(max(0, count))
    }
}
