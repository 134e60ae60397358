// The echo server that the suites play against, to be run by hand: as RFC 862 says, or wrong on request.

import EchoService
import Sockets

@main
struct ReferenceServer {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        do throws(SocketError) {
            let endingSignals = try SignalDescriptor([SIGINT, SIGTERM])
            if arguments.contains("--datagram") {
                return try serve(DatagramOptions(arguments: Array(arguments)), until: endingSignals)
            }
            let options = Options(arguments: arguments)
            raiseDescriptorLimit()
            let listener = try EchoListener(on: options.address, options.configuration)
            let refuses = options.configuration.misbehaviour.refuses
            announce("\(refuses ? "bound to" : "listening on") \(listener.address)")
            try listener.serve(until: endingSignals.descriptor, report: tell)
        } catch {
            end(status: 1, "\(error)")
        }
    }
}

/// Prints what happened to a client.
private func tell(_ event: EchoEvent) {
    switch event {
    case .accepted(let peer): announce("accepted \(peer)")
    case .closed(let peer, _): announce("closed \(peer)")
    }
}

/// Prints a status line at once: into a pipe, `print` alone would wait for a full buffer.
func announce(_ line: String) {
    print(line)
    fflush(nil)
}

/// Allows as many descriptors, and so clients, as the system lets this process have: shells start programs
/// with far fewer, for the sake of those that use select(2). setrlimit(2).
private func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(descriptors, &limit)
    limit.rlim_cur = limit.rlim_max
    // Where it fails, there are as many as before.
    setrlimit(descriptors, &limit)
}

#if canImport(Glibc)
// Glibc imports the names of limits as an enum of their own.
private let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
private let descriptors = RLIMIT_NOFILE
#endif
