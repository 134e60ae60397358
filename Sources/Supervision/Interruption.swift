import Foundation

/// An end in good order for the kit's own process.
public enum Interruption {
    /// On SIGINT, SIGTERM or SIGHUP calls `handler`, then exits with 128 and the signal's number, as a shell
    /// would say.
    ///
    /// To be called before the process has a second thread: threads inherit the signal mask by which a thread
    /// of its own takes the signals. What is ignored (nohup(1)) stays so. Programs that run under supervision
    /// would be ended without this too, by their wardens; with it the handler can see to it, and say so.
    public static func exit(after handler: @escaping @Sendable (_ signal: Int32) -> Void) {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let taken = signals
        Thread.detachNewThread {
            var (signals, number) = (taken, Int32(0))
            while sigwait(&signals, &number) != 0 {}
            handler(number)
            Foundation.exit(128 + number)
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
        #else
        let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == 1  // SIG_IGN
    }
}
