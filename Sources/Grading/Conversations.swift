import Course
import Foundation

extension Repository {
    /// Where the suite of `stage` keeps the conversations of checks that failed, a file for each: what the
    /// student's program and its peers did.
    public func conversations(_ stage: Stage) -> String { "\(cache)/conversations/\(stage.rawValue)" }

    /// Removes those of the last time.
    func emptyConversations(_ stage: Stage) {
        try? FileManager.default.removeItem(atPath: conversations(stage))
    }
}
