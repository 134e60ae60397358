import Foundation
import Synchronization

/// Folders that are there only while they are worked in. Where the work is interrupted, they are removed by
/// this.
public enum Leftovers {
    private static let folders = Mutex<Set<String>>([])

    /// A name for a folder that nobody has, beginning with `prefix`. Whoever makes it removes it when the
    /// work is done.
    static func folder(_ prefix: String) -> String {
        let path = "\(prefix)-\(ProcessInfo.processInfo.globallyUniqueString)"
        folders.withLock { _ = $0.insert(path) }
        return path
    }

    /// Removes what this process has not removed yet.
    public static func remove() {
        for path in folders.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }
}
