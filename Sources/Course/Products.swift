import Foundation

/// What SwiftPM built of the kit: the one place that knows where it is put.
///
/// Everything lies in one folder, beside `lab` itself. Which folder that is, and how the test suites are
/// packed, differs between SwiftPM's build systems: Swift 6.4's default leaves an executable for each test
/// target, the older one a bundle for all of them.
public struct Products: Sendable {
    /// The folder that holds them.
    public let folder: String

    /// - Parameter folder: the folder that holds the running program, `lab` or a test bundle.
    public init(folder: String) {
        self.folder = folder
    }

    /// What was built beside the program that is running, or beside the bundle of tests that runs in it.
    public static var besideThisProgram: Products {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundlePath
        let path = bundle ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
        return Products(
            folder: URL(filePath: path).resolvingSymlinksInPath().deletingLastPathComponent().path
        )
    }

    /// The library that records socket calls, to be preloaded; nil where it is not built.
    public var recorder: String? {
        existing("libCSocketTrace.so") ?? existing("libCSocketTrace.dylib")
            ?? existing("PackageFrameworks/libCSocketTrace.so")
    }

    /// The command that runs one suite of the stage tests; nil where they are not built.
    public func suiteCommand(_ suite: String) -> [String]? {
        if let runner = existing("StageTests-test-runner") { return [runner, "StageTests.\(suite)"] }
        guard let bundle = existing("SocketLabPackageTests.xctest") else { return nil }
        #if os(macOS)
        return ["/usr/bin/xcrun", "xctest", "-XCTest", "StageTests.\(suite)", bundle]
        #else
        return [bundle, "StageTests.\(suite)"]
        #endif
    }

    /// A program that SwiftPM builds; nil where it is not built.
    public func program(_ name: String) -> String? { existing(name) }

    private func existing(_ name: String) -> String? {
        let path = "\(folder)/\(name)"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
