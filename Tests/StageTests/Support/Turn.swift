import Foundation

/// A turn with what there is one of on this machine, such as a port that is told by number: suites that want it
/// take turns, those of other checkouts too. flock(2) on a folder that every machine has; it is given back where
/// the suite's process ends.
struct Turn {
    private let folder = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)

    init() {
        while flock(folder, LOCK_EX) == -1 && errno == EINTR {}
    }

    func end() {
        // The warden of a program has it too: closed here, it would be held on.
        flock(folder, LOCK_UN)
        close(folder)
    }
}
