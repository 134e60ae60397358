import Foundation
import Sockets
import Supervision

/// Why a socket is not where the program was told to put it, where a status line or the record points to it.
struct PlaceCause {
    let text: String?

    /// The status line tells another port than the one that was asked for.
    init(ofLine line: String, instead port: UInt16, _ seen: Observation) {
        let swapped = port.byteSwapped
        let bound = seen.calls(.bind).last { $0.result == 0 }
        if line.hasSuffix(":\(swapped)") {
            text = "\(swapped) is \(port) with its two bytes swapped: sin_port is in network byte order"
        } else if line.hasSuffix(" 127.0.0.1:\(port)") {
            text = "the address is the right one: what stands before it is not"
        } else if !line.contains("127.0.0.1:") {
            text = nil
        } else if bound == nil, seen.recorderLoaded {
            text = Self.neverBound(seen)
        } else if line.hasSuffix(":0") {
            text = "getsockname(2) was not called, or its answer did not get into your address"
        } else if let address = bound?.arguments.dropFirst().first {
            text =
                address.hasSuffix(":\(port)")
                ? "bind(2) was called for port \(port): the line tells another"
                : "bind(2) was called for \(address), not the port that the program was given"
        } else {
            text = nil
        }
    }

    /// The address that the program announced is free.
    init(ofFree address: SocketAddress, _ seen: Observation, holding sockets: [HeldSocket]) {
        if let swapped = Self.swappedTwice(address.port, seen) {
            text = swapped
        } else if sockets.contains(where: { $0.local == "\(address)" && $0.transport == "UDP" }) {
            text = "the socket that is bound there is one of UDP: SOCK_DGRAM, where TCP is SOCK_STREAM"
        } else if seen.recorderLoaded, !seen.calls(.bind).contains(where: { $0.result == 0 }) {
            text = Self.neverBound(seen)
        } else if seen.ending != nil {
            text = "the program has ended, and its socket with it"
        } else {
            text = Self.closed(seen, .bind)
        }
    }

    /// It can be reached at an address that was not asked for.
    init(ofOtherAddress seen: Observation) {
        let isBound = seen.calls(.bind).contains { $0.result == 0 }
        text =
            seen.recorderLoaded && !isBound
            ? Self.neverBound(seen)
            : "INADDR_ANY, or an s_addr that is still 0, means every address of the machine"
    }

    /// Nobody listens at `address`, where the program said that it does.
    init(ofRefusal seen: Observation, at address: SocketAddress) {
        let place = seen.calls(.getsockname).last?.arguments.last
        let listening = seen.calls(.listen).filter { $0.result == 0 }
        let bound = seen.calls(.bind).filter { $0.result == 0 }
        if let swapped = Self.swappedTwice(address.port, seen) {
            text = swapped
        } else if seen.ending != nil {
            let isFull = seen.calls(.accept).contains { $0.errno == EMFILE && $0.phase == .returned }
            text =
                isFull
                ? "accept(2) failed with EMFILE: too few of the descriptors that it gave out were closed"
                : CallCause(seen).text ?? "the program has ended, and its sockets with it"
        } else if seen.recorderLoaded, listening.isEmpty {
            text =
                seen.calls(.listen).isEmpty
                ? "listen(2) was not called" : "listen(2) failed, and the program went on"
        } else if seen.recorderLoaded, bound.isEmpty {
            text = Self.neverBound(seen)
        } else if let other = listening.first, !bound.contains(where: { $0.descriptor == other.descriptor }) {
            text = "listen(2) was called on a socket that is not the one that is bound"
        } else if let place, place.hasSuffix(":\(address.port.byteSwapped)"), place != "\(address)" {
            text =
                "\(address.port) is \(address.port.byteSwapped) with its two bytes swapped: sin_port is in network byte order"
        } else {
            text =
                Self.closed(seen, .listen)
                ?? (listening.isEmpty ? nil : "listen(2) was called only after the line had been written")
        }
    }

    /// A line tells another address than that of the client.
    init(ofPeerLine line: String, _ word: String, _ peer: SocketAddress, server: SocketAddress) {
        let swapped = peer.port.byteSwapped
        let mirrored = peer.host.split(separator: ".").reversed().joined(separator: ".")
        text =
            switch line {
            case "\(word) \(peer.host):\(swapped)":
                "\(swapped) is \(peer.port) with its two bytes swapped: sin_port is in network byte order"
            case "\(word) \(mirrored):\(peer.port)" where mirrored != peer.host:
                "\(mirrored) is \(peer.host) with its bytes swapped: s_addr is in network byte order"
            case "\(word) \(server)":
                "that is the server's own address: the client's is what accept(2) writes"
            case "closed 0.0.0.0:0":
                "a closed socket has no peer any more: the address is the one that accept(2) wrote, kept until then"
            case "\(word) 0.0.0.0:0":
                "accept(2) wrote no address into what is printed: its second argument is where it writes, and its"
                    + " third says how much room there is there, and must not be 0"
            case "\(word) 127.0.0.1:\(peer.port)": "the client's host is not always 127.0.0.1"
            default: nil
            }
    }

    /// The bytes were forgotten where the port goes in, and again where it comes out: so the line looks right.
    private static func swappedTwice(_ told: UInt16, _ seen: Observation) -> String? {
        let real = told.byteSwapped
        let places = seen.calls(.bind).filter { $0.result == 0 }.compactMap { $0.argument(1) }
        guard real != told, places.contains(where: { $0.hasSuffix(":\(real)") }) else { return nil }
        return "the socket is at port \(real), which is \(told) with its two bytes swapped:"
            + " sin_port is in network byte order, on the way in and on the way out"
    }

    private static func neverBound(_ seen: Observation) -> String {
        if !seen.calls(.bind).isEmpty { return "bind(2) failed, and the program went on" }
        return seen.calls(.listen).isEmpty
            ? "bind(2) was not called"
            : "bind(2) was not called: listen(2) alone takes every address, and a port of its own choice"
    }

    /// The socket of which `family` has made something was closed afterwards.
    private static func closed(_ seen: Observation, _ family: SocketCall.Family) -> String? {
        guard let made = seen.calls(family).last(where: { $0.result == 0 }) else { return nil }
        let isClosed = seen.calls(.close).contains {
            $0.descriptor == made.descriptor && $0.time > made.time && $0.errno != EBADF
        }
        let name = family == .listen ? "the listening socket" : "the socket"
        if isClosed { return "close(2) was called on \(name)" }
        let isShut = seen.calls(.shutdown).contains { $0.descriptor == made.descriptor && $0.result == 0 }
        return isShut ? "shutdown(2) was called on \(name)" : nil
    }
}
