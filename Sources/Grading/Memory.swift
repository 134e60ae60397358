import Course
import Foundation
import Results

/// The results of the last time, each under a key that changes when the program or the kit does.
struct Memory {
    /// Where they are kept, a file for each stage.
    let folder: String

    private struct Entry: Codable {
        let key: String
        let result: StageResult
    }

    func recall(_ stage: Stage, of key: String) -> StageResult? {
        guard let data = FileManager.default.contents(atPath: path(stage.rawValue)),
            let entry = try? JSONDecoder().decode(Entry.self, from: data), entry.key == key
        else { return nil }
        return entry.result
    }

    /// Keeps `result`, unless some of its checks could not run: that may be otherwise the next time.
    func remember(_ result: StageResult, of key: String) throws(KitFailure) {
        if result.checks.contains(where: { $0.outcome == .couldNotRun }) { return }
        guard let data = try? JSONEncoder().encode(Entry(key: key, result: result)) else { return }
        try KitFolder.make(folder)
        try KitFolder.write(String(decoding: data, as: UTF8.self), to: path(result.stage))
    }

    private func path(_ stage: String) -> String { "\(folder)/\(stage).json" }
}
