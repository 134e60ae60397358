import Foundation

/// The Swift compiler that the stages are built with: the first one on the PATH.
public struct Toolchain: Sendable {
    /// The path of `swiftc`.
    let compiler: String
    /// The path of `swift`.
    let driver: String

    /// Changes when another toolchain is used, or this one is replaced.
    let fingerprint: Fingerprint

    /// - Throws: ``KitFailure`` where there is no Swift on the PATH.
    public init() throws(KitFailure) {
        compiler = try Self.onPath("swiftc")
        driver = try Self.onPath("swift")
        var fingerprint = Fingerprint()
        let file = URL(filePath: compiler).resolvingSymlinksInPath()
        fingerprint.add(stampsOf: [file.path])
        // Else it is one that calls another, as swiftly's or xcode-select's does: which, only that one tells.
        let isCompiler = file.lastPathComponent.hasPrefix("swift-") || file.lastPathComponent == "swiftc"
        if !isCompiler || file.path == "/usr/bin/swiftc" {
            fingerprint.add(try Tool.run([compiler, "--version"]).text)
        }
        self.fingerprint = fingerprint
    }

    private static func onPath(_ name: String) throws(KitFailure) -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard
            let path = folders.map({ "\($0)/\(name)" }).first(where: FileManager.default.isExecutableFile)
        else { throw KitFailure("there is no \(name) on the PATH: is Swift installed?") }
        return path
    }
}
