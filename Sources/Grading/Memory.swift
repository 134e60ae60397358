import Course
import Foundation
import Results

/// The results of the last time, each under a key that changes when the program or the kit does.
struct Memory {
    /// Where they are kept, a file for each stage.
    private let folder: String

    init(of repository: Repository) {
        folder = "\(repository.cache)/results"
    }

    private struct Entry: Codable {
        let key: String
        let result: StageResult
    }

    /// - Parameter key: what it was kept under; nil: whatever that was.
    func recall(_ stage: Stage, of key: String? = nil) -> StageResult? {
        guard let data = FileManager.default.contents(atPath: path(stage.rawValue)),
            let entry = try? JSONDecoder().decode(Entry.self, from: data), entry.key == key ?? entry.key
        else { return nil }
        return entry.result
    }

    func remember(_ result: StageResult, of key: String) throws(KitFailure) {
        guard let data = try? JSONEncoder().encode(Entry(key: key, result: result)) else { return }
        try KitFolder.make(folder)
        try KitFolder.write(String(decoding: data, as: UTF8.self), to: path(result.stage))
    }

    private func path(_ stage: String) -> String { "\(folder)/\(stage).json" }
}

extension Repository {
    /// The result of the last time that the student's `stage` built and was graded, whatever has changed since; nil
    /// where there was none.
    public func lastResult(of stage: Stage) -> StageResult? { Memory(of: self).recall(stage) }
}
