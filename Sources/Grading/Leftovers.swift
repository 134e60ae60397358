import Foundation
import Synchronization

/// Files and folders that are there only while they are worked on. Where the work is interrupted, they are
/// removed by this.
public enum Leftovers {
    private static let paths = Mutex<Set<String>>([])

    /// A path that nobody has, beginning with `prefix`. Whoever makes it removes it when the
    /// work is done.
    static func path(_ prefix: String) -> String {
        let path = "\(prefix)-\(ProcessInfo.processInfo.globallyUniqueString)"
        paths.withLock { _ = $0.insert(path) }
        return path
    }

    /// Removes what this process has not removed yet.
    public static func remove() {
        for path in paths.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }
}
