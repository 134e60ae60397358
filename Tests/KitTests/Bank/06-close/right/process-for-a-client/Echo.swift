import Glibc

func echo(_ connection: Int32) {
    var bytes = [UInt8](repeating: 0, count: 10_000)
    while true {
        let count = recv(connection, &bytes, bytes.count, 0)
        if count == -1 && errno == EINTR { continue }
        if count < 1 { return }
        var rest = bytes[0..<count]
        while let first = rest.indices.first {
            let sent = rest.withUnsafeBytes { send(connection, $0.baseAddress!, $0.count, 0) }
            if sent == -1 && errno == EINTR { continue }
            if sent == -1 { return }
            rest = rest[(first + sent)...]
        }
    }
}
