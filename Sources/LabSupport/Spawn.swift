// What stands in for fork(2) on Darwin, where Swift has none: a copy of the process would hold the locks of
// threads that it does not have.

#if canImport(Darwin)
/// Starts this program anew, as a child. It inherits standard input, output and error, and `descriptors`, by
/// the same numbers, and nothing else. posix_spawn(2).
///
/// - Parameters:
///   - descriptors: what the child is to have; ``inheritance()`` tells it.
///   - client: a word about what it is for; told as well.
/// - Returns: the child's number, or -1 with the reason in `errno`.
public func startAgain(with descriptors: [Int32], for client: String) -> pid_t {
    var attributes: posix_spawnattr_t?
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_CLOEXEC_DEFAULT))
    var actions: posix_spawn_file_actions_t?
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] + descriptors {
        posix_spawn_file_actions_addinherit_np(&actions, descriptor)
    }

    setenv(inheritanceName, ([client] + descriptors.map(String.init)).joined(separator: " "), 1)
    defer { unsetenv(inheritanceName) }
    var child: pid_t = -1
    let (program, environment) = (CommandLine.arguments[0], _NSGetEnviron().pointee)
    let code = posix_spawnp(&child, program, &actions, &attributes, CommandLine.unsafeArgv, environment)
    if code == 0 { return child }
    errno = code
    return -1
}

/// What ``startAgain(with:for:)`` was given, in the child that it started; nil in any other process.
public func inheritance() -> (descriptors: [Int32], client: String)? {
    guard let value = getenv(inheritanceName) else { return nil }
    let words = String(cString: value).split(separator: " ").map(String.init)
    return words.first.map { (words.dropFirst().compactMap { Int32($0) }, $0) }
}

private let inheritanceName = "LAB_INHERITANCE"
#endif
