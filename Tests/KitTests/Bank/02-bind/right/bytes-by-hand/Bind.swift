// The address is an array of sixteen bytes, filled and read by hand; the port is parsed digit by digit.
import Foundation
import LabSupport

@main
struct Bind {
    static func main() {
        guard let port = portInArguments() else {
            FileHandle.standardError.write(Data("usage: bind PORT\n".utf8))
            exit(64)
        }
        var address = [UInt8](repeating: 0, count: 16)
        withUnsafeBytes(of: sa_family_t(AF_INET)) { address.replaceSubrange(0..<2, with: $0) }
        address[2] = UInt8(port / 256)
        address[3] = UInt8(port % 256)
        address.replaceSubrange(4..<8, with: [127, 0, 0, 1])

        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        if descriptor == -1 { fail("socket") }
        var size = socklen_t(address.count)
        let failed = address.withUnsafeMutableBytes { bytes -> String? in
            let generic = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            if bind(descriptor, generic, size) != 0 { return "bind" }
            return getsockname(descriptor, generic, &size) == 0 ? nil : "getsockname"
        }
        if let failed { fail(failed) }

        let host = address[4..<8].map(String.init).joined(separator: ".")
        let line = String(format: "bound to %@:%d", host as NSString, Int(address[2]) << 8 | Int(address[3]))
        announce(line)
        while let more = try? FileHandle.standardInput.read(upToCount: 7), !more.isEmpty {}
    }

    static func portInArguments() -> Int? {
        guard CommandLine.argc == 2, let text = CommandLine.arguments.last, !text.isEmpty else { return nil }
        var value = 0
        for digit in text.unicodeScalars {
            guard ("0"..."9").contains(digit) else { return nil }
            value = value * 10 + Int(digit.value - 48)
            if value > 65535 { return nil }
        }
        return value
    }
}
