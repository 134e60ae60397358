// Dispatch waits for clients and bytes on the main queue, and for signals on another: write(2) may block the first.
import Dispatch
import Foundation

setvbuf(stdout, nil, _IONBF, 0)
let listener = makeListener(CommandLine.arguments)
signal(SIGPIPE, SIG_IGN)

let signals = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler(handler: endProgram)
    return source
}
let ready = DispatchGroup()
for source in signals {
    ready.enter()
    source.setRegistrationHandler(handler: ready.leave)
    source.resume()
}

var clients: [Int32: Client] = [:]
let arrivals = DispatchSource.makeReadSource(fileDescriptor: listener, queue: .main)
arrivals.setEventHandler {
    if let client = Client(acceptedFrom: listener) { clients[client.descriptor] = client }
}
// A signal that comes before its source is registered is lost.
ready.notify(queue: .main) {
    print("listening on \(text(localAddress(listener)))")
    arrivals.resume()
}
dispatchMain()
