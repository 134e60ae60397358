// A thread makes the connection; several files, and a main.swift.
import Foundation
import LabSupport

let (host, port) = hostAndPortArguments(usage: "connect HOST PORT")
let attempt = Attempt(host: host, port: port)
let thread = Thread { attempt.run() }
thread.start()
attempt.done.wait()
switch attempt.outcome {
case .connected(let address): announce("connected to \(address)")
case .failed(let reason):
    fputs(reason + "\n", stderr)
    exit(1)
}
var byte: UInt8 = 0
while read(0, &byte, 1) == 1 {}
