// Files of /proc: they have no size that could be asked for, and end with the process that they are about.

import Foundation

/// All bytes of a file, or nil and errno.
func contents(of path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file == -1 { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
        let count = read(file, &buffer, buffer.count)
        if count == -1 && errno == EINTR { continue }
        if count == -1 { return nil }
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}

/// The names in a folder, in no order; none where it can't be read.
func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
        names.append(String(decoding: name, as: UTF8.self))
    }
    return names
}
