import Foundation

extension Conversation {
    /// Reads what ``write(to:)`` has written.
    public init(contentsOf path: String) throws {
        let data = try Data(contentsOf: URL(filePath: path))
        self = try JSONDecoder().decode(Conversation.self, from: data)
    }

    /// Writes it into a file, as JSON, and makes the folder that it lies in.
    public func write(to path: String) throws {
        let file = URL(filePath: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try JSONEncoder().encode(self).write(to: file, options: .atomic)
    }
}
