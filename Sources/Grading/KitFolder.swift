import Foundation

/// The kit's own files, under `.build/lab`.
enum KitFolder {
    static func make(_ path: String) throws(KitFailure) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw KitFailure("can't make the folder \(path): \(error.reason)")
        }
    }

    static func write(_ text: String, to path: String) throws(KitFailure) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw KitFailure("can't write \(path): \(error.reason)")
        }
    }
}
