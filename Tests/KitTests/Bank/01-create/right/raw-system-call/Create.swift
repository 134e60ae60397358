// socket(2) by syscall(2); two other sockets are made and closed before; poll(2) waits for input.
import Glibc

@_silgen_name("syscall")
func systemCall(_ number: Int, _ first: Int, _ second: Int, _ third: Int) -> Int

@main
struct Create {
    static func main() {
        if CommandLine.arguments.count > 1 {
            fputs("usage: \(CommandLine.arguments[0])\n", stderr)
            exit(64)
        }
        let tries = (0..<3).map { _ in makeSocket() }
        for other in tries.dropLast() { close(other) }
        setvbuf(stdout, nil, _IOLBF, 0)
        print("created socket \(tries[2])")
        waitForEnd()
    }

    static func makeSocket() -> Int32 {
        #if arch(x86_64)
        let number = 41
        #else
        let number = 198
        #endif
        let result = systemCall(number, Int(AF_INET), Int(SOCK_STREAM.rawValue), Int(IPPROTO_TCP))
        guard result != -1 else {
            perror("socket")
            exit(1)
        }
        return Int32(result)
    }

    static func waitForEnd() {
        var bytes: [CChar] = [0, 0, 0]
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while true {
            if poll(&input, 1, -1) == -1 { continue }
            if read(STDIN_FILENO, &bytes, bytes.count) == 0 { return }
        }
    }
}
