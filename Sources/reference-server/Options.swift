import EchoService
import Sockets

private let usage = """
    usage: reference-server PORT [ADDRESS] [--dribble BYTES] [--delay MS] [--stall] \
    [--close-after BYTES | --reset-after BYTES] [--refuse] [--buffer BYTES] [--poll] | --datagram …
    """

private let help = """
    \(usage)

    Echoes what each client sends, for many clients at once, until SIGINT or SIGTERM. It listens on 127.0.0.1
    unless it is given an ADDRESS, a numeric one; with port 0 the kernel chooses.

      --dribble BYTES       send back at most so many bytes at a time, each piece in a segment of its own
      --delay MS            answer so many milliseconds late
      --stall               accept, and never read
      --close-after BYTES   end each connection by a FIN after so many bytes
      --reset-after BYTES   end each connection by a RST after so many bytes
      --refuse              have the port, and don't listen
      --buffer BYTES        hold at most so many bytes for a client that doesn't read
      --poll                wait with poll(2), as other systems do, in place of epoll(7)
      --datagram            echo datagrams of UDP in place of that: reference-server --datagram --help
    """

/// What the command line asks for. Wrong usage ends the program with status 64, `--help` with 0.
struct Options {
    private(set) var address: SocketAddress
    private(set) var configuration = EchoConfiguration()

    init(arguments: ArraySlice<String>) {
        var rest = arguments
        var positional: [String] = []
        while let argument = rest.popFirst() {
            func number(from least: Int) -> Int {
                guard let value = rest.popFirst().flatMap({ Int($0) }),
                    (least...Int(Int32.max)).contains(value)
                else { end(status: 64, usage) }
                return value
            }
            switch argument {
            case "--dribble": configuration.misbehaviour.pieceSize = number(from: 1)
            case "--delay": configuration.misbehaviour.delay = .milliseconds(number(from: 0))
            case "--stall": configuration.misbehaviour.stalls = true
            case "--close-after": configuration.misbehaviour.ending = .close(after: number(from: 0))
            case "--reset-after": configuration.misbehaviour.ending = .reset(after: number(from: 0))
            case "--refuse": configuration.misbehaviour.refuses = true
            case "--buffer": configuration.buffer = number(from: 1)
            case "--poll": configuration.usesPoll = true
            case "--help", "-h":
                print(help)
                exit(0)
            default: positional.append(argument)
            }
        }
        address = Self.address(positional, usage)
    }

    /// The address in what is left of a command line. Wrong usage ends the program.
    static func address(_ positional: [String], _ usage: String) -> SocketAddress {
        guard (1...2).contains(positional.count), let digits = positional.first else {
            end(status: 64, usage)
        }
        guard digits.allSatisfy({ "0"..."9" ~= $0 }), let port = UInt16(digits) else {
            end(status: 64, "a port is a number from 0 to 65535: \(digits)")
        }
        let host = positional.count == 2 ? positional[1] : "127.0.0.1"
        guard let address = SocketAddress(host: host, port: port) else {
            end(status: 64, "ADDRESS is numeric, as 127.0.0.1 or ::1: \(host)")
        }
        return address
    }
}

/// Writes a line to standard error, and ends the program.
func end(status: Int32, _ line: String) -> Never {
    let text = Array((line + "\n").utf8)
    write(STDERR_FILENO, text, text.count)
    exit(status)
}
