import EchoService
import Sockets

private let usage = """
    usage: reference-server --datagram PORT [ADDRESS] [--drop N] [--repeat N] [--reorder]
    """

private let help = """
    \(usage)

    Sends each datagram of UDP back to its sender, until SIGINT or SIGTERM, and tells what became of it. It is
    bound to 127.0.0.1 unless it is given an ADDRESS; with port 0 the kernel chooses.

      --drop N      of every N datagrams lose the first: of 1 all, of 2 every second one
      --repeat N    send each reply N times
      --reorder     hold a reply back until the next one has gone
    """

/// The server of UDP: what `--datagram` asks for. Wrong usage ends the program with status 64, `--help` with 0.
struct DatagramOptions {
    private(set) var address = SocketAddress.loopback(0)
    private(set) var configuration = DatagramListener.Configuration()

    init(arguments: [String]) {
        var rest = arguments.filter { $0 != "--datagram" }[...]
        var positional: [String] = []
        while let argument = rest.popFirst() {
            func number() -> Int {
                guard let value = rest.popFirst().flatMap({ Int($0) }), (1...Int(Int32.max)).contains(value)
                else {
                    end(status: 64, usage)
                }
                return value
            }
            switch argument {
            case "--drop": configuration.drop = number()
            case "--repeat": configuration.copies = number()
            case "--reorder": configuration.reorders = true
            case "--help", "-h":
                print(help)
                exit(0)
            default: positional.append(argument)
            }
        }
        address = Options.address(positional, usage)
    }
}

/// Serves until a signal comes.
func serve(
    _ options: DatagramOptions,
    until signals: borrowing SignalDescriptor
) throws(SocketError) {
    var server = try DatagramListener(on: options.address, options.configuration)
    announce("bound to \(server.address)")
    try server.serve(until: signals.descriptor, report: tell)
}

private func tell(_ event: DatagramListener.Event) {
    switch event {
    case .dropped(let datagram): announce("\(datagram.text): lost")
    case .held(let datagram): announce("\(datagram.text): held back")
    case .answered(let datagram, let copies):
        announce("\(datagram.text): answered" + (copies > 1 ? " \(copies) times" : ""))
    }
}

extension Datagram {
    /// `5 bytes from 127.0.0.1:50312`
    fileprivate var text: String { "\(bytes.count) \(bytes.count == 1 ? "byte" : "bytes") from \(sender)" }
}
