import Course
import Foundation

/// Makes a stage's folder into its programs, with one call of `swiftc` for each.
///
/// The flags are the kit's own: of the folder nothing is read but its Swift files. A program whose files and
/// compiler have not changed is not built again.
public struct StageBuilder: Sendable {
    let repository: Repository
    let toolchain: Toolchain
    /// Whether the programs are to be fast (-O), which takes the compiler longer.
    var optimised = false

    /// What came of a build.
    public enum Outcome: Sendable {
        /// - Parameters:
        ///   - folder: holds the programs, each under its own name.
        ///   - fingerprint: changes when a program does.
        ///   - warnings: what the compiler said all the same; most often empty.
        case built(folder: String, fingerprint: Fingerprint, warnings: String)
        /// The compiler's errors, or a line that says that there are no Swift files.
        case doesNotBuild(String)
    }

    /// Builds every program of a stage.
    ///
    /// - Parameters:
    ///   - folder: the stage's folder.
    ///   - products: where the programs go. It is made where it does not exist.
    /// - Throws: ``KitFailure`` where the kit's own part failed.
    public func build(_ stage: Stage, in folder: String, into products: String) throws(KitFailure) -> Outcome
    {
        let support = try LabSupportBuilder(
            repository: repository,
            toolchain: toolchain,
            optimised: optimised
        ).build()
        var whole = Fingerprint()
        var warnings = ""
        for program in stage.programs {
            let others = stage.programs.filter { $0 != program }.map(\.file)
            let sources = SourceFiles.under(folder, endings: [".swift"]).filter { path in
                !others.contains { path.hasSuffix("/\($0)") }
            }
            if sources.isEmpty {
                return .doesNotBuild(shortened("there is no \(program.file) in \(folder)", folder))
            }

            let build = ProgramBuild(
                program: program,
                sources: sources,
                support: support,
                folder: products,
                optimised: optimised
            )
            let key = build.key
            whole.add(key)
            switch try build.run(with: toolchain, key: key) {
            case .success(let said): warnings += shortened(said, folder)
            case .failure(let errors): return .doesNotBuild(shortened(errors.text, folder))
            }
        }
        return .built(folder: products, fingerprint: whole, warnings: warnings)
    }

    /// `text` with the paths in `folder` as a reader knows them: from the checkout's top, or else from the
    /// submission's, `02-bind/Bind.swift`.
    private func shortened(_ text: String, _ folder: String) -> String {
        let isOurs = folder.hasPrefix(repository.root + "/")
        let top = isOurs ? repository.root : URL(filePath: folder).deletingLastPathComponent().path
        return text.replacingOccurrences(of: folder, with: String(folder.dropFirst(top.count + 1)))
    }
}

/// One call of `swiftc`.
private struct ProgramBuild {
    let program: Program
    let sources: [String]
    let support: LabSupportBuilder.Module
    let folder: String
    let optimised: Bool

    struct CompilerErrors: Error {
        let text: String
    }

    /// Changes with all that the program is built from.
    var key: String {
        var key = support.fingerprint
        key.add(flags.joined(separator: " "))
        key.add(files: sources)
        return key.text
    }

    /// Returns the compiler's warnings, or its errors.
    func run(with toolchain: Toolchain, key: String) throws(KitFailure) -> Result<String, CompilerErrors> {
        // Beside the program lies what the compiler said of it, under the key of what it was built from.
        let note = "\(folder)/\(program.name).note"
        let remembered = FileManager.default.contents(atPath: note).map {
            String(decoding: $0, as: UTF8.self)
        }
        if let remembered, remembered.hasPrefix(key + "\n") {
            return .success(String(remembered.dropFirst(key.count + 1)))
        }

        try KitFolder.make(folder)
        try? FileManager.default.removeItem(atPath: note)
        // Made under a name that nobody else uses, so that two builds at once, or a program that still runs,
        // are not in each other's way.
        let draft = Leftovers.path("\(folder)/\(program.name).draft")
        defer { try? FileManager.default.removeItem(atPath: draft) }
        // The object last: beside the first file that it links, the compiler writes one of its own, which two
        // builds at once would share.
        let command = [toolchain.compiler] + flags + ["-o", draft] + sources + [support.object]
        let result = try Tool.run(command)
        if !result.succeeded { return .failure(CompilerErrors(text: result.text)) }
        if rename(draft, "\(folder)/\(program.name)") == -1 {
            throw KitFailure("can't write \(folder)/\(program.name): \(String(cString: strerror(errno)))")
        }
        // A file that was saved meanwhile may have been read before or after: the next time it is built again.
        if self.key == key { try KitFolder.write("\(key)\n\(result.text)", to: note) }
        return .success(result.text)
    }

    private var flags: [String] {
        var flags = [
            "-swift-version", "5", "-module-name", program.name.replacingOccurrences(of: "-", with: "_"),
            "-I", support.folder,
        ]
        #if os(Linux)
        flags += ["-Xclang-linker", "--config=\(support.linkOptions)"]
        #endif
        if isLibrary { flags.append("-parse-as-library") }
        if optimised { flags += ["-O", "-wmo"] }
        return flags
    }

    /// A `main.swift` is a script, and so is a lone file without an `@main`: its statements run from the top.
    private var isLibrary: Bool {
        let isScript = sources.contains { $0.hasSuffix("/main.swift") }
        return !isScript && sources.contains(where: hasEntryPoint)
    }

    /// Whether `@main` stands in a file, and not only in a comment.
    private func hasEntryPoint(_ file: String) -> Bool {
        let text = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).contains { line in
            line.components(separatedBy: "//")[0].contains("@main")
        }
    }
}
