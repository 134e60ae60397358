import Course
import Foundation

/// The checkout that the tests are part of.
enum Checkout {
    static let repository: Repository = {
        do {
            return try Repository.find(from: URL(filePath: #filePath).deletingLastPathComponent().path)
        } catch {
            preconditionFailure("\(error)")
        }
    }()
}

/// A folder for a test, removed when nobody holds it any more.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        let name = "socket-lab-test-\(UUID().uuidString)"
        path = FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file, and makes the folders that it lies in.
    func write(_ text: String, to name: String) throws {
        let url = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: url)
    }
}
