// libc, under one name on every platform, with the two socket types as socket(2) takes them.

#if canImport(Darwin)
@_exported import Darwin
#elseif canImport(Glibc)
@_exported import Glibc
#elseif canImport(Musl)
@_exported import Musl
#endif

// Glibc imports its socket types as an enum of their own, which socket(2) does not take. A public constant of
// the same name wins over an imported one, in a file that imports this module alone.

#if canImport(Glibc)
/// A stream: connected, ordered, reliable (TCP). As in socket(2).
public let SOCK_STREAM = Int32(Glibc.SOCK_STREAM.rawValue)
/// Datagrams: no connection, each packet on its own (UDP). As in socket(2).
public let SOCK_DGRAM = Int32(Glibc.SOCK_DGRAM.rawValue)
#elseif canImport(Darwin)
/// A stream: connected, ordered, reliable (TCP). As in socket(2).
public let SOCK_STREAM = Darwin.SOCK_STREAM
/// Datagrams: no connection, each packet on its own (UDP). As in socket(2).
public let SOCK_DGRAM = Darwin.SOCK_DGRAM
#elseif canImport(Musl)
/// A stream: connected, ordered, reliable (TCP). As in socket(2).
public let SOCK_STREAM = Musl.SOCK_STREAM
/// Datagrams: no connection, each packet on its own (UDP). As in socket(2).
public let SOCK_DGRAM = Musl.SOCK_DGRAM
#endif
