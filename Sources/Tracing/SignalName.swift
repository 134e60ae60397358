import Foundation

/// The name of a signal, as kill(1) has it: `SIGPIPE`.
func signalName(_ number: Int32) -> String {
    let names: [Int32: String] = [
        SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL", SIGINT: "SIGINT",
        SIGKILL: "SIGKILL", SIGPIPE: "SIGPIPE", SIGSEGV: "SIGSEGV", SIGTERM: "SIGTERM", SIGTRAP: "SIGTRAP",
        SIGCONT: "SIGCONT", SIGHUP: "SIGHUP", SIGQUIT: "SIGQUIT", SIGSTOP: "SIGSTOP", SIGUSR1: "SIGUSR1",
    ]
    return names[number] ?? "signal \(number)"
}
