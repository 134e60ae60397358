import CSupervision
import Foundation
import Sockets

/// A socket of another process, borrowed for as long as it takes to ask the kernel about it.
private struct SocketAtHand: ~Copyable {
    private let descriptor: Int32

    /// Nil: it can't be borrowed here, or it is none.
    init?(_ descriptor: Int32, of thread: pid_t) {
        let copy = supervision_borrow(thread, descriptor)
        if copy == -1 { return nil }
        self.descriptor = copy
    }

    deinit {
        close(descriptor)
    }

    /// What it is bound to: getsockname(2). Nil: to no port.
    var local: String? { Self.address { getsockname(descriptor, $0, $1) } }

    /// Who is at its other end: getpeername(2). Nil: nobody.
    var remote: String? { Self.address { getpeername(descriptor, $0, $1) } }

    /// The first byte of what TCP_INFO tells, tcp(7). Of UDP: whether it has a peer.
    var state: HeldSocket.State {
        #if os(Linux)
        var state: UInt8 = 0
        var length = socklen_t(1)
        if getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &state, &length) == 0 {
            return HeldSocket.State(rawValue: state) ?? .unconnected
        }
        #endif
        return remote == nil ? .unconnected : .established
    }

    private static func address(
        _ ask: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> String? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout.size(ofValue: storage))
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask($0, &length) }
        }
        guard result == 0, let address = SocketAddress(storage), address.port != 0 else { return nil }
        return address.onTheWire.description
    }
}

extension SocketTable.Row {
    /// Nil: it can't be borrowed here.
    init?(ofSocket descriptor: Int32, in thread: pid_t) {
        guard let socket = SocketAtHand(descriptor, of: thread) else { return nil }
        self.init(state: socket.state, local: socket.local, remote: socket.remote)
    }
}
