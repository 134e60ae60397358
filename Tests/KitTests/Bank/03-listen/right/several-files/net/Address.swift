import Glibc

struct Address: CustomStringConvertible {
    var raw = sockaddr_in()

    init() {}

    init?(port text: String) {
        guard !text.isEmpty, !text.contains(where: { !("0"..."9").contains($0) }), let port = Int(text),
            (0...65535).contains(port)
        else { return nil }
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = in_port_t(port).bigEndian
        raw.sin_addr.s_addr = UInt32(127 << 24 | 1).bigEndian
    }

    var description: String {
        let host = raw.sin_addr.s_addr.bigEndian
        let parts = [24, 16, 8, 0].map { String(host >> UInt32($0) & 255) }
        return parts.joined(separator: ".") + ":" + String(raw.sin_port.bigEndian)
    }
}
