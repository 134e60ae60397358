import Course

/// Whose programs are graded.
public enum Submission: Hashable, Sendable {
    /// What the student writes, in this checkout.
    case labs
    /// The kit's own solutions.
    case solutions
    /// Somebody else's: a folder that holds the stages' folders.
    case folder(String)

    /// Where the files of `stage` are.
    public func folder(of stage: Stage, in repository: Repository) -> String {
        switch self {
        case .labs: repository.labs(stage)
        case .solutions: repository.solutions(stage)
        case .folder(let path): "\(path)/\(stage.folder)"
        }
    }
}
