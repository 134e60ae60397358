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

/// Returns the program's arguments: a port, and the numeric IPv4 address that may follow it, 127.0.0.1 where
/// it does not. Anything else writes the usage line and exits with status 64.
///
/// - Parameter usage: the program's name and what it takes: `echo-server PORT [ADDRESS]`.
/// - Returns: the port in host byte order, the address in network byte order, as `sin_addr` has it.
public func portAndAddressArguments(usage: String) -> (port: in_port_t, address: in_addr) {
    let arguments = CommandLine.arguments.dropFirst()
    var address = in_addr(s_addr: in_addr_t(INADDR_LOOPBACK).bigEndian)
    guard 1...2 ~= arguments.count, let port = arguments.first.flatMap(port(from:)) else {
        exitWithUsage(usage)
    }
    if arguments.count == 2, inet_pton(AF_INET, arguments[arguments.startIndex + 1], &address) != 1 {
        exitWithUsage(usage)
    }
    return (port, address)
}

/// Returns the program's two arguments: a host, and a port as a number or as a service's name. A number above
/// 65535, an empty port, or another count of arguments writes the usage line and exits with status 64.
///
/// - Parameter usage: the program's name and what it takes: `connect HOST PORT`.
public func hostAndPortArguments(usage: String) -> (host: String, port: String) {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count == 2, !arguments[1].isEmpty else { exitWithUsage(usage) }
    let isNumber = arguments[1].utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    if isNumber && port(from: arguments[1]) == nil { exitWithUsage(usage) }
    return (arguments[0], arguments[1])
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
