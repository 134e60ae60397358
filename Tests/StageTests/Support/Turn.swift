import Foundation

/// A turn with what there is one of on this machine, such as a port that is told by number: suites that want it
/// take turns, those of other checkouts too. flock(2) on a folder that every machine has; where it can't be had, the
/// suite goes on without.
struct Turn {
    private let folder = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)

    init() {
        while flock(folder, LOCK_EX) == -1 && errno == EINTR {}
    }

    func end() {
        // A program's warden has a copy of the descriptor, and close(2) alone would leave the turn to that.
        flock(folder, LOCK_UN)
        close(folder)
    }
}
