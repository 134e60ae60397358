// The echo server that the suites play against, to be run by hand: as RFC 862 says, or wrong on request.

import Foundation
import ReferenceEcho
import Sockets

@main
struct ReferenceServer {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.contains("--datagram") {
            let options = DatagramOptions(arguments: Array(arguments))
            return serveDatagrams(options, until: blockEndingSignals())
        }
        let options = Options(arguments: arguments)
        let signals = blockEndingSignals()
        do {
            let server = try EchoServer.start(on: options.address, options.configuration, report: tell)
            let refuses = options.configuration.misbehaviour.refuses
            announce("\(refuses ? "bound to" : "listening on") \(server.address)")
            wait(for: signals)
            server.stop()
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

/// Keeps SIGINT and SIGTERM from ending the program in the middle of something, in this thread and in all
/// that it starts. sigprocmask(2), pthread_sigmask(3).
private func blockEndingSignals() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    return signals
}

/// Waits until one of the blocked `signals` comes. sigwait(3).
func wait(for signals: sigset_t) {
    var signals = signals
    var signal: Int32 = 0
    while sigwait(&signals, &signal) != 0 {}
}
