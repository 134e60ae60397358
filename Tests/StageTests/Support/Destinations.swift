import ReferenceEcho
import Sockets
import Supervision

/// What a name leads to while a check runs: loopback addresses, all with one port, of which the first refuse
/// a connection and the others take it.
struct Destinations {
    /// The name that the program is given. Of `.test` there is none in the world: RFC 6761.
    static let name = "server.test"

    let port: UInt16
    /// In the order of getaddrinfo(3)'s answer.
    let addresses: [SocketAddress]
    /// Those that take connections, in the same order.
    let listeners: [Listener]
    /// Keep others from listening where the program is to be refused.
    private let holders: [PortHolder]

    /// - Parameters:
    ///   - refusing: numeric hosts. One that the machine does not have refuses in its own way.
    ///   - answering: numeric hosts, after those.
    ///   - log: where what is done at their connections is written down.
    /// - Throws: `bind`, where the machine does not have one that is to answer.
    init(refusing: [String], answering: [String], log: StepLog) throws(SocketError) {
        var attempts = 1
        while true {
            do throws(SocketError) {
                let port = try FreePort.ofKernel()
                try self.init(refusing, answering, port: port, log)
                return
            } catch {
                // Somebody has that port on another of the addresses.
                if error.errno.name != "EADDRINUSE" || attempts == 20 { throw error }
                attempts += 1
            }
        }
    }

    private init(_ refusing: [String], _ answering: [String], port: UInt16, _ log: StepLog)
        throws(SocketError)
    {
        let (refusing, answering) = (
            refusing.compactMap { SocketAddress(host: $0, port: port) },
            answering.compactMap { SocketAddress(host: $0, port: port) }
        )
        self.port = port
        addresses = refusing + answering
        var listeners: [Listener] = []
        for address in answering { listeners.append(try Listener(on: address, log: log)) }
        self.listeners = listeners
        var holders: [PortHolder] = []
        for address in refusing {
            do throws(SocketError) {
                holders.append(try PortHolder(boundTo: address))
            } catch {
                if error.errno.name == "EADDRINUSE" { throw error }
            }
        }
        self.holders = holders
    }

    /// As the recorder takes them: without their port, which the program asks for.
    var hosts: [String] { addresses.map { $0.domain == .inet ? $0.host : "[\($0.host)]" } }

    /// What a failure says of it.
    var told: String {
        let all = addresses.map { address in
            let isServed = listeners.contains { $0.address == address }
            return "\(address.host)\(isServed ? "" : " (refuses)")"
        }
        return "had getaddrinfo(3) answer \(all.joined(separator: ", "))"
    }
}

extension StageTestCase {
    /// Addresses of which this machine may not have all: without them, the check can't be run.
    func destinations(refusing: [String] = [], answering: [String] = []) throws -> Destinations {
        do {
            return try Destinations(refusing: refusing, answering: answering, log: peers)
        } catch {
            throw stop(
                .couldNotRun,
                "this machine does not have \(answering.joined(separator: ", ")): \(error)"
            )
        }
    }

    /// A server on 127.0.0.1, to which the name `localhost` leads here, be it after ::1.
    func destinationsOfLocalhost() throws -> Destinations {
        let localhost = try destinations(refusing: ["::1"], answering: ["127.0.0.1"])
        let addresses = try? SocketAddress.resolve(host: "localhost", service: "\(localhost.port)")
        if addresses?.contains(localhost.listeners[0].address) == true { return localhost }
        throw stop(.couldNotRun, "on this machine localhost is not 127.0.0.1")
    }

    /// Starts the stage's program for a name, and has getaddrinfo(3) answer it.
    func runClient(of destinations: Destinations, faults: [Recorder.Fault] = []) throws -> Subject {
        let (hosts, port) = (destinations.hosts, "\(destinations.port)")
        if Subject.recorder == nil { throw stop(.couldNotRun, "the recorder of socket calls is not built") }
        let subject = try run(Destinations.name, port, faults: faults, hosts: hosts)
        try subject.needsLookup()
        return subject
    }
}

extension Subject {
    /// The check rests on an answer of getaddrinfo(3) that was made for it.
    func needsLookup() throws {
        let hasAsked = program.wait(Self.patience) { seen in
            let isAnswered = seen.calls(.getaddrinfo).contains { $0.phase == .returnedOnRequest }
            return isAnswered ? true : seen.ending != nil || !seen.output.isEmpty ? false : nil
        }
        if hasAsked == true || stepNotWritten != nil { return }
        try needsRecorder()
        throw test.stop(
            .couldNotRun,
            "the program makes no call of getaddrinfo(3) that could be answered"
        )
    }
}
