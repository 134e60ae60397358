import Foundation

/// A short name for content: the same bytes give the same name, on every machine and in every run.
///
/// It tells a changed file from an unchanged one; it does not resist somebody who forges one.
public struct Fingerprint: Sendable {
    // FNV-1a, 64 bits (RFC 9923).
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    /// The fingerprint in 16 hexadecimal digits.
    public var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    public mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }

    /// Adds `text`, and marks where it ends.
    public mutating func add(_ text: String) {
        add(text.utf8)
        add(CollectionOfOne(0))
    }

    /// Adds the names and contents of `files`.
    public mutating func add(files: [String]) {
        for file in files {
            add(file)
            add(FileManager.default.contents(atPath: file) ?? Data())
            add(CollectionOfOne(0))
        }
    }

    /// Adds the names, sizes and times of change of `files`: much faster than their contents, and it changes
    /// with them.
    public mutating func add(stampsOf files: [String]) {
        for file in files {
            var status = stat()
            if stat(file, &status) == -1 { continue }
            #if canImport(Darwin)
            let changed = status.st_mtimespec
            #else
            let changed = status.st_mtim
            #endif
            add("\(file) \(status.st_size) \(changed.tv_sec) \(changed.tv_nsec)")
        }
    }
}
