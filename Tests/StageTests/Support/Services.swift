import Foundation
import ReferenceEcho
import Sockets

extension StageTestCase {
    /// A server on the port of a service that services(5) knows by name, on a loopback address where that
    /// port is free.
    func listenAsAService() throws -> (Listener, service: String) {
        for (name, port) in Self.unprivilegedServices().shuffled().prefix(50) {
            guard let address = SocketAddress(host: Self.someLoopbackHost, port: port),
                (try? SocketAddress.resolve(host: address.host, service: name)) == [address],
                let listener = try? Listener(on: address, log: peers)
            else { continue }
            return (listener, name)
        }
        throw stop(.couldNotRun, "this machine knows no service by name (/etc/services) whose port is free")
    }

    /// A loopback address, where there are many one on which hardly anybody is.
    static var someLoopbackHost: String {
        #if os(Linux)
        "127.\(Int.random(in: 1...254)).\(Int.random(in: 1...254)).\(Int.random(in: 1...254))"
        #else
        "127.0.0.1"
        #endif
    }

    /// The services of a protocol whose ports need no privilege. getservent(3).
    static func unprivilegedServices(of transport: String = "tcp") -> [(name: String, port: UInt16)] {
        var services: [(name: String, port: UInt16)] = []
        setservent(1)
        defer { endservent() }
        while let service = getservent()?.pointee {
            let port = UInt16(bigEndian: UInt16(truncatingIfNeeded: service.s_port))
            guard port >= 1024, let name = service.s_name, String(cString: service.s_proto) == transport
            else { continue }
            services.append((String(cString: name), port))
        }
        return services
    }
}
