import Foundation

/// A checkout of Socket Lab: where everything about a stage lies.
public struct Repository: Sendable {
    /// The path of its top folder.
    public let root: String

    public init(root: String) {
        self.root = root
    }

    /// Looks for the checkout from `folder` upwards.
    ///
    /// - Throws: ``NotInRepository`` where neither `folder` nor a folder above it is one.
    public static func find(from folder: String) throws(NotInRepository) -> Repository {
        var candidate = URL(filePath: folder).standardizedFileURL
        while true {
            let repository = Repository(root: candidate.path)
            if repository.looksWhole { return repository }
            let parent = candidate.deletingLastPathComponent().standardizedFileURL
            if parent.path == candidate.path { throw NotInRepository(folder: folder) }
            candidate = parent
        }
    }

    /// Three things that no other folder has side by side. `Labs` is not among them: a student may move it
    /// away.
    private var looksWhole: Bool {
        ["Package.swift", "Sources/LabSupport", "Solutions"].allSatisfy {
            FileManager.default.fileExists(atPath: "\(root)/\($0)")
        }
    }

    /// The student's folder of `stage`.
    public func labs(_ stage: Stage) -> String { "\(root)/Labs/\(stage.folder)" }

    /// The folder of the solution of `stage`.
    public func solutions(_ stage: Stage) -> String { "\(root)/Solutions/\(stage.folder)" }

    /// Where the kit keeps what it builds and remembers.
    public var cache: String { "\(root)/.build/lab" }

    /// The handout of `stage`, as Markdown; nil where it is missing.
    public func handout(_ stage: Stage) -> String? { Self.text("\(labs(stage))/README.md") }

    /// The hints of `stage`; empty where there are none.
    public func hints(_ stage: Stage) -> Hints { Hints(markdown: Self.text("\(labs(stage))/HINTS.md") ?? "") }

    /// The solution of `program`; nil where it is missing.
    public func solution(of program: Program, in stage: Stage) -> Solution? {
        Self.text("\(solutions(stage))/\(program.file)").map(Solution.init(text:))
    }

    /// What the student has in the file of `program`; nil where there is none.
    public func submission(of program: Program, in stage: Stage) -> String? {
        Self.text("\(labs(stage))/\(program.file)")
    }

    /// With a newline at the end of each line, also where git has made it CR and LF.
    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map {
            String(decoding: $0, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n")
        }
    }
}

/// No checkout of Socket Lab was found.
public struct NotInRepository: Error, CustomStringConvertible {
    public let folder: String

    public var description: String {
        "\(folder) is not in a checkout of Socket Lab (no folder from there upwards has Solutions and Sources/LabSupport)"
    }
}
