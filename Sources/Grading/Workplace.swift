import Course
import Foundation

/// Where the programs of a submission are built.
///
/// Those of this checkout stay, so that an unchanged one is not built again. Others are removed when they are
/// graded.
struct Workplace {
    private let folder: String
    private let isKept: Bool

    init(for submission: Submission, in repository: Repository, optimised: Bool = false) {
        let programs = "\(repository.cache)/programs" + (optimised ? "-optimised" : "")
        switch submission {
        case .labs:
            folder = "\(programs)/labs"
            isKept = true
        case .solutions:
            folder = "\(programs)/solutions"
            isKept = true
        case .folder:
            folder = Leftovers.path("\(programs)/submission")
            isKept = false
        }
    }

    func programs(of stage: Stage) -> String { "\(folder)/\(stage.folder)" }

    func cleanUp() {
        if !isKept { try? FileManager.default.removeItem(atPath: folder) }
    }
}
