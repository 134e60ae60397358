// Only Glibc, all of it in main, with C's own ways.
import Glibc

@main
struct Program {
    static func main() {
        guard CommandLine.argc == 2, let port = UInt16(CommandLine.arguments[1]) else {
            fputs("usage: bind PORT\n", stderr)
            exit(64)
        }
        let s = socket(AF_INET, Int32(SOCK_STREAM.rawValue), Int32(IPPROTO_TCP))
        if s < 0 {
            perror("socket")
            exit(EXIT_FAILURE)
        }
        var address = sockaddr_in()
        address.sin_family = UInt16(AF_INET)
        address.sin_port = htons(port)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var length = socklen_t(MemoryLayout.size(ofValue: address))
        let failed = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
            let generic = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
            if bind(s, generic, length) != 0 {
                perror("bind")
                return true
            }
            if getsockname(s, generic, &length) != 0 {
                perror("getsockname")
                return true
            }
            return false
        }
        if failed { exit(EXIT_FAILURE) }
        setvbuf(stdout, nil, _IONBF, 0)
        print("bound to 127.0.0.1:\(ntohs(address.sin_port))")
        while getchar() != EOF {}
    }
}
