import Course
import Foundation

/// Has SwiftPM build what grading needs: the stage tests, the recorder, and `lab` itself. No stage is built with them.
///
/// A `swift build` with nothing to do still takes a quarter of a second, which a student would wait for at
/// each verdict. So it is not called at all where the kit's own sources are as they were at the last build.
public struct KitBuild: Sendable {
    let repository: Repository
    let products: Products
    let toolchain: Toolchain

    /// Changes when the kit does.
    public let fingerprint: Fingerprint

    public init(repository: Repository, products: Products, toolchain: Toolchain) {
        self.repository = repository
        self.products = products
        self.toolchain = toolchain
        var fingerprint = toolchain.fingerprint
        // The programs of the bank are many, and no part of the kit.
        for folder in ["Sources", "Tests"] {
            let files = SourceFiles.named(
                "\(repository.root)/\(folder)",
                endings: [".swift", ".c", ".h"],
                without: "Bank"
            )
            fingerprint.add(stampsOf: files)
        }
        fingerprint.add(stampsOf: ["\(repository.root)/Package.swift"])
        self.fingerprint = fingerprint
    }

    /// Whether there is something to build.
    public var isNeeded: Bool {
        // `swift test` has built everything, and holds the lock that a second build would wait for.
        if ProcessInfo.processInfo.environment["LAB_IS_BUILT"] != nil { return false }
        let built = products.recorder != nil && products.suiteCommand("") != nil
        return !built || FileManager.default.contents(atPath: stamp) != Data(fingerprint.text.utf8)
    }

    /// Builds what is needed; where somebody else is at it, waits and takes what they built.
    ///
    /// - Returns: whether `lab` itself is another one now.
    /// - Throws: ``KitFailure`` with what SwiftPM said.
    public func run() throws(KitFailure) -> Bool {
        let before = labStamp
        try KitFolder.make(repository.cache)
        // SwiftPM has a lock of its own, but of two builds that start at once one fails: "database is locked".
        try FileLock.hold("\(repository.cache)/building") { () throws(KitFailure) in
            if isNeeded { try build() }
        }
        return labStamp != before
    }

    /// Changes when `lab` is built anew, which `swift run lab` sees to before it starts it.
    private var labStamp: String {
        var stamp = Fingerprint()
        stamp.add(stampsOf: [products.program("lab") ?? ""])
        return stamp.text
    }

    private func build() throws(KitFailure) {
        try callSwiftPM("--product", "lab")
        try callSwiftPM("--product", "CSocketTrace")
        do {
            try callSwiftPM("--product", "SocketLabPackageTests")
        } catch  where usesSwiftBuild {
            // The preview of Swift Build in 6.3 knows no product for all tests.
            try callSwiftPM("--build-tests")
        }
        try KitFolder.write(fingerprint.text, to: stamp)
    }

    private var stamp: String {
        var folder = Fingerprint()
        folder.add(products.folder)
        return "\(repository.cache)/built-\(folder.text)"
    }

    /// Swift Build puts what it makes into `.build/out/Products`, SwiftPM's older build system into
    /// `.build/TRIPLE`.
    private var usesSwiftBuild: Bool {
        URL(filePath: products.folder).deletingLastPathComponent().lastPathComponent == "Products"
    }

    private func callSwiftPM(_ arguments: String...) throws(KitFailure) {
        var command = [
            toolchain.driver, "build", "--package-path", repository.root, "--scratch-path", scratch,
        ]
        if usesSwiftBuild { command += ["--build-system", "swiftbuild"] }
        if URL(filePath: products.folder).lastPathComponent.lowercased().hasPrefix("release") {
            command += ["-c", "release", "-Xswiftc", "-enable-testing"]
        }
        let result = try Tool.run(command + arguments)
        if !result.succeeded { throw KitFailure("the kit does not build:\n\(Self.errors(in: result.text))") }
    }

    /// The compiler's errors, each once: SwiftPM repeats them for every file. All of `text` where there are
    /// none.
    static func errors(in text: String) -> String {
        var errors: [Substring] = []
        for line in text.split(separator: "\n") where line.contains("error: ") && !line.hasPrefix(" ") {
            if !errors.contains(line) { errors.append(line) }
        }
        return errors.isEmpty ? text : errors.prefix(20).joined(separator: "\n")
    }

    /// What SwiftPM was told as its scratch path: the folder that the products lie in, two or three levels
    /// down.
    private var scratch: String {
        let url = URL(filePath: products.folder).deletingLastPathComponent().deletingLastPathComponent()
        return (usesSwiftBuild ? url.deletingLastPathComponent() : url).path
    }
}
