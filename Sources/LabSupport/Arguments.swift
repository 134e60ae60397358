/// Checks that the program was given no arguments. Otherwise writes the usage line and exits with status 64.
///
/// - Parameter usage: the program's name and what it takes: `create`.
public func noArguments(usage: String) {
    if CommandLine.arguments.count != 1 { exitWithUsage(usage) }
}

/// Returns the program's one argument, a port: a decimal number from 0 to 65535, in host byte order.
/// Anything else writes the usage line and exits with status 64.
///
/// - Parameter usage: the program's name and what it takes: `bind PORT`.
public func portArgument(usage: String) -> in_port_t {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count == 1, let port = arguments.first.flatMap(port(from:)) else { exitWithUsage(usage) }
    return port
}

/// Returns `text` as a port, or nil where it is not made of digits alone, or is above 65535.
func port(from text: String) -> in_port_t? {
    guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
    return in_port_t(text)
}

/// Writes the usage line to standard error and exits with status 64, which sysexits(3) calls EX_USAGE.
func exitWithUsage(_ usage: String) -> Never {
    writeError("usage: \(usage)\n")
    exit(64)
}
