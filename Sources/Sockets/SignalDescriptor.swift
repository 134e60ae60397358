#if os(Linux)
import CSockets
#endif

/// Signals that are taken as events: a descriptor that is readable once one of them has come, so that a loop
/// waits for them with all else. signalfd(2) on Linux, kqueue(2) elsewhere.
public struct SignalDescriptor: ~Copyable, Sendable {
    public let descriptor: Int32

    /// From now on `signals` end or interrupt nothing in this thread, nor in those that it starts: they wait
    /// here. sigprocmask(2).
    public init(_ signals: [Int32]) throws(SocketError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        #if os(Linux)
        descriptor = try retrying("signalfd") { signalfd(-1, &set, Int32(SFD_CLOEXEC)) }
        #else
        let queue = try retrying("kqueue") { kqueue() }
        descriptor = queue
        for signal in signals {
            var change = kevent()
            change.ident = UInt(signal)
            change.filter = Int16(EVFILT_SIGNAL)
            change.flags = UInt16(EV_ADD)
            try retrying("kevent") { kevent(queue, &change, 1, nil, 0, nil) }
        }
        #endif
    }

    deinit {
        close(descriptor)
    }
}
