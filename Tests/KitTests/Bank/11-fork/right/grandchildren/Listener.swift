import Foundation

func name(_ address: sockaddr_in) -> String {
    "\(String(cString: inet_ntoa(address.sin_addr))):\(UInt16(bigEndian: address.sin_port))"
}

func out(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

func must(_ result: Int32, _ call: String) {
    if result != -1 { return }
    perror(call)
    exit(1)
}

struct Listener {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    private var address = sockaddr_in()

    init(_ words: [String]) {
        let isNumber = words.last.map { !$0.isEmpty && $0.allSatisfy { "0"..."9" ~= $0 } } ?? false
        guard words.count == 2, isNumber, let port = UInt16(words[1]) else {
            FileHandle.standardError.write(Data("usage: fork-server PORT\n".utf8))
            exit(64)
        }
        must(descriptor, "socket")
        var on: Int32 = 1
        must(setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4), "setsockopt")
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(16)
        let listening = descriptor
        withUnsafeMutableBytes(of: &address) {
            let place = $0.assumingMemoryBound(to: sockaddr.self).baseAddress!
            must(bind(listening, place, 16), "bind")
            must(listen(listening, 1024), "listen")
            must(getsockname(listening, place, &length), "getsockname")
        }
    }

    func announce() { out("listening on \(name(address))") }

    func next() -> Client? {
        var (peer, length) = (sockaddr_in(), socklen_t(16))
        let client = withUnsafeMutableBytes(of: &peer) {
            accept(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress!, &length)
        }
        if client == -1 {
            perror("accept")
            return nil
        }
        return Client(descriptor: client, name: name(peer))
    }
}
