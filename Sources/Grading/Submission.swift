import Course
import Foundation

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

extension Submission {
    /// Writes the files of a stage into a folder of its name, in `folder`; returns the submission that this
    /// makes.
    ///
    /// - Parameter files: the text of each, by its name.
    static func write(
        _ files: [String: String],
        of stage: Stage,
        into folder: String
    ) throws(KitFailure) -> Submission {
        for (name, text) in files {
            let path = "\(folder)/\(stage.folder)/\(name)"
            try KitFolder.make(URL(filePath: path).deletingLastPathComponent().path)
            try KitFolder.write(text, to: path)
        }
        return .folder(folder)
    }
}
