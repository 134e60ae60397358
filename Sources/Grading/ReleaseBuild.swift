import Course
import Foundation

/// Has SwiftPM build programs of the kit for speed, where no other build is in the way of theirs, nor they in
/// that of the student's.
public struct ReleaseBuild: Sendable {
    private let repository: Repository
    private let toolchain: Toolchain

    /// - Throws: ``KitFailure`` where there is no Swift toolchain.
    public init(repository: Repository) throws(KitFailure) {
        self.repository = repository
        toolchain = try Toolchain()
    }

    /// Whether there is something to build: the kit's own sources are not as they were the last time.
    public var isNeeded: Bool { built == nil }

    /// Builds `products`, and returns where they lie.
    ///
    /// - Throws: ``KitFailure`` with what SwiftPM said.
    public func run(_ products: [String]) throws(KitFailure) -> Products {
        if let built { return built }
        for product in products { _ = try build("--product", product) }
        let folder = try build("--show-bin-path").prefix { !$0.isNewline }
        try KitFolder.write("\(key)\n\(folder)\n", to: stamp)
        return Products(folder: String(folder))
    }

    /// What was built, where nothing has changed since.
    private var built: Products? {
        let text = FileManager.default.contents(atPath: stamp).map { String(decoding: $0, as: UTF8.self) }
        guard let lines = text?.split(separator: "\n"), lines.count == 2, lines[0] == key else { return nil }
        return Products(folder: String(lines[1]))
    }

    private func build(_ arguments: String...) throws(KitFailure) -> String {
        try KitFolder.make(scratch)
        let command = [
            toolchain.driver, "build", "-c", "release", "--package-path", repository.root,
            "--scratch-path", scratch,
        ]
        let result = try Tool.run(command + arguments)
        if !result.succeeded {
            throw KitFailure("the kit does not build for release:\n\(KitBuild.errors(in: result.text))")
        }
        return result.text
    }

    private var scratch: String { "\(repository.cache)/release" }
    private var stamp: String { "\(scratch)/built" }

    private var key: String {
        var fingerprint = toolchain.fingerprint
        let sources = SourceFiles.named("\(repository.root)/Sources", endings: [".swift", ".c", ".h"])
        fingerprint.add(stampsOf: sources + ["\(repository.root)/Package.swift"])
        return fingerprint.text
    }
}
