// The client by hand: an echo client, or one that plays a script and prints what it saw.

import Foundation
import ReferenceEcho
import Sockets

@main
struct ReferenceClient {
    static func main() {
        let options = Options(arguments: CommandLine.arguments.dropFirst())
        do {
            // Before anything else: a script that can't be read is no matter of the network.
            let script = try options.script()
            let addresses = try SocketAddress.resolve(host: options.host, service: options.service)
            if let script {
                try play(script, to: addresses, options)
            } else {
                try echo(to: addresses, options)
            }
        } catch let error as ScriptSyntaxError {
            end(status: 64, "\(error)")
        } catch {
            end(status: 1, "\(error)")
        }
    }
}

/// Plays `script` to the first of `addresses` that answers, and prints the transcript.
private func play(_ script: Script, to addresses: [SocketAddress], _ options: Options) throws(SocketError) {
    if options.isVerbose { note(script.description) }
    let client = try first(of: addresses, options) { (address) throws(SocketError) in
        try ScriptedClient(connectingTo: address)
    }
    print(try script.play(by: client))
}

/// Sends standard input to the first of `addresses` that answers, and writes to standard output what comes
/// back.
private func echo(to addresses: [SocketAddress], _ options: Options) throws(SocketError) {
    let prompts = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    let client = try first(of: addresses, options) { (address) throws(SocketError) in
        let socket = try Socket(address.domain, .stream)
        try socket.connect(to: address)
        return try EchoClient(socket, prompts: prompts)
    }
    if let reason = try client.run() { end(status: 1, reason) }
}

/// Tries `addresses` in their order. What the last of them answered is thrown where none does.
private func first<Result>(
    of addresses: [SocketAddress],
    _ options: Options,
    _ attempt: (SocketAddress) throws(SocketError) -> Result
) throws(SocketError) -> Result {
    var failure = SocketError(call: "connect", errno: Errno(EADDRNOTAVAIL))
    for address in addresses {
        do throws(SocketError) {
            let result = try attempt(address)
            if options.isVerbose { note("connected to \(address)") }
            return result
        } catch {
            if options.isVerbose { note("\(address): \(error)") }
            failure = error
        }
    }
    throw failure
}
