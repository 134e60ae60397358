import Course
import Foundation
import Grading
import Tracing

/// A check that failed when its stage was last checked, and whose conversation was kept.
struct FailedCheck {
    private let name: String
    private let path: String

    init(_ name: String, of stage: Stage, in repository: Repository) {
        self.name = name
        path = "\(repository.conversations(stage))/\(name).json"
    }

    static func all(of stage: Stage, in repository: Repository) -> [FailedCheck] {
        let files = try? FileManager.default.contentsOfDirectory(atPath: repository.conversations(stage))
        return (files ?? []).filter { $0.hasSuffix(".json") }.sorted()
            .map { FailedCheck(String($0.dropLast(".json".count)), of: stage, in: repository) }
    }

    /// `Step1EchoesALine`, of `testStep1EchoesALine_SendRecv`: what tells it apart within its stage.
    var word: String { String(name.dropFirst("test".count).prefix { $0 != "_" }) }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether somebody means it: by its name, or by how its word begins.
    func isCalled(_ text: String) -> Bool { name == text || word.lowercased().hasPrefix(text.lowercased()) }

    func conversation() throws -> Conversation { try Conversation(contentsOf: path) }
}
