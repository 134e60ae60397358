/// Returns `bytes` as a line for people: `5 bytes "hello"`. Long data is cut off after 48 characters, and
/// what is not printable ASCII is escaped.
public func describe(_ bytes: [UInt8]) -> String {
    let count = byteCount(bytes.count)
    return bytes.isEmpty ? count : "\(count) \(quoted(bytes))"
}

/// `1 byte`, `6 bytes`.
public func byteCount(_ count: Int) -> String { count == 1 ? "1 byte" : "\(count) bytes" }

/// `0x0A`
public func hexadecimal(_ byte: UInt8) -> String { "0x" + digits(of: byte) }

private func digits(of byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
}

/// `286,720`
public func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    let groups = digits.enumerated().map { index, digit in
        index > 0 && (digits.count - index) % 3 == 0 ? ",\(digit)" : "\(digit)"
    }
    return (number < 0 ? "-" : "") + groups.joined()
}

private let longestQuote = 48

private func quoted(_ bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes {
        let next = escaped(byte)
        if text.count + next.count > longestQuote { return "\"\(text)\"…" }
        text += next
    }
    return "\"\(text)\""
}

private func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\n"): return "\\n"
    case UInt8(ascii: "\r"): return "\\r"
    case UInt8(ascii: "\t"): return "\\t"
    case UInt8(ascii: "\""): return "\\\""
    case UInt8(ascii: "\\"): return "\\\\"
    case 0x20..<0x7F: return String(UnicodeScalar(byte))
    default: return "\\x" + digits(of: byte)
    }
}
