import CSupervision
import Foundation

/// The descriptors between the kit and a program: the kit's ends, which it reads and writes without blocking,
/// and the program's, which are closed here once it has them. -1: none.
struct Pipes {
    var lifeline: Int32 = -1
    var input: Int32 = -1
    var output: Int32 = -1
    var errors: Int32 = -1
    var channel: Int32 = -1
    /// The ends of the warden and of the program.
    private(set) var theirs = supervision_launch()

    init(for launch: Launch) throws(LaunchError) {
        (theirs.lifeline, theirs.input, theirs.output, theirs.errors, theirs.channel) = (-1, -1, -1, -1, -1)
        do {
            try open(for: launch)
        } catch {
            closeTheirs()
            closeOurs()
            throw LaunchError(call: error.call, code: error.code, executable: launch.executable)
        }
    }

    private mutating func open(for launch: Launch) throws(Failure) {
        (lifeline, theirs.lifeline) = try pair("socketpair", supervision_lifeline)
        if launch.terminal {
            (output, theirs.output) = try pair("posix_openpt", supervision_terminal)
            (input, theirs.input) = (output, theirs.output)
        } else {
            (output, theirs.output) = try pair("pipe", supervision_pipe)
            switch launch.input {
            case .pipe: (theirs.input, input) = try pair("pipe", supervision_pipe)
            case .empty: theirs.input = try file("/dev/null")
            case .file(let path): theirs.input = try file(path)
            }
        }
        (errors, theirs.errors) = try pair("pipe", supervision_pipe)
        if launch.channel != nil {
            (channel, theirs.channel) = try pair("pipe", supervision_pipe)
        }
        for descriptor in [input, output, errors, channel] where descriptor != -1 {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    /// Closes one of the kit's ends.
    mutating func close(_ end: WritableKeyPath<Pipes, Int32>) {
        let descriptor = self[keyPath: end]
        closeAll([descriptor])
        // Of a terminal, input and output are one.
        if input == descriptor { input = -1 }
        self[keyPath: end] = -1
    }

    mutating func closeOurs() {
        closeAll([lifeline, input, output, errors, channel])
        (lifeline, input, output, errors, channel) = (-1, -1, -1, -1, -1)
    }

    mutating func closeTheirs() {
        closeAll([theirs.lifeline, theirs.input, theirs.output, theirs.errors, theirs.channel])
        (theirs.lifeline, theirs.input, theirs.output, theirs.errors, theirs.channel) = (-1, -1, -1, -1, -1)
    }
}

private struct Failure: Error {
    let call: String
    let code = errno
}

private func pair(
    _ call: String,
    _ make: (UnsafeMutablePointer<Int32>) -> Int32
) throws(Failure) -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    if make(&ends) == -1 { throw Failure(call: call) }
    return (ends[0], ends[1])
}

/// An input that is a file.
private func file(_ path: String) throws(Failure) -> Int32 {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor == -1 { throw Failure(call: "open") }
    return descriptor
}

private func closeAll(_ descriptors: Set<Int32>) {
    for descriptor in descriptors where descriptor != -1 { close(descriptor) }
}
