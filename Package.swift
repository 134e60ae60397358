// swift-tools-version: 6.1

import Foundation
import PackageDescription

let kit: [SwiftSetting] = [.swiftLanguageMode(.v6)]

/// What every check runs through is optimised in debug builds too: a student waits for it at each verdict.
let checking: [SwiftSetting] = kit + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// What a student writes compiles in Swift 5 mode: reading `stderr`, or a global that a signal handler reads,
/// is no mistake of a student of sockets.
let student: [SwiftSetting] = [.swiftLanguageMode(.v5)]

let package = Package(
    name: "SocketLab",
    platforms: [.macOS(.v15)],
    products: [
        // Nothing links it: it is preloaded into the programs under test.
        .library(name: "CSocketTrace", type: .dynamic, targets: ["CSocketTrace"])
    ],
    targets: [
        .target(name: "LabSupport", swiftSettings: kit),
        .target(name: "CSocketTrace"),
        .target(name: "CSupervision"),
        .target(name: "CSockets"),
        .target(name: "Sockets", dependencies: ["CSockets"], swiftSettings: checking),
        .target(name: "EchoService", dependencies: ["Sockets"], swiftSettings: checking),
        .target(name: "ReferenceEcho", dependencies: ["EchoService", "Sockets"], swiftSettings: checking),
        .target(name: "LoadGeneration", dependencies: ["ReferenceEcho", "Sockets"], swiftSettings: kit),
        .target(name: "Supervision", dependencies: ["CSupervision", "Sockets"], swiftSettings: checking),
        .target(name: "Results", swiftSettings: checking),
        .target(name: "Course", swiftSettings: kit),
        .target(
            name: "Tracing",
            dependencies: ["Course", "ReferenceEcho", "Results", "Sockets", "Supervision"],
            swiftSettings: kit
        ),
        .target(name: "Grading", dependencies: ["Course", "Results", "Supervision"], swiftSettings: kit),
        .target(
            name: "Benchmark",
            dependencies: ["LoadGeneration", "ReferenceEcho", "Results", "Supervision"],
            swiftSettings: kit
        ),
        .executableTarget(
            name: "lab",
            dependencies: ["Benchmark", "Course", "Grading", "Results", "Supervision", "Tracing"],
            swiftSettings: kit
        ),
        .executableTarget(
            name: "reference-server",
            dependencies: ["EchoService", "Sockets"],
            swiftSettings: kit
        ),
        .executableTarget(
            name: "reference-client",
            dependencies: ["ReferenceEcho", "Sockets"],
            swiftSettings: kit
        ),
        .executableTarget(
            name: "load-generator",
            dependencies: ["LoadGeneration", "Results"],
            swiftSettings: kit
        ),
        // The tests depend on no stage: a stage that does not build takes no verdict away from another.
        .testTarget(
            name: "StageTests",
            dependencies: ["Course", "ReferenceEcho", "Results", "Sockets", "Supervision", "Tracing"],
            swiftSettings: kit
        ),
        .testTarget(
            name: "KitTests",
            dependencies: [
                "Benchmark", "Course", "Grading", "LoadGeneration", "ReferenceEcho", "Results", "Sockets",
                "Supervision", "Tracing",
            ],
            exclude: ["Bank"],
            swiftSettings: kit
        ),
    ]
        + stageTargets(in: "Solutions", suffix: "-solution", settings: kit)
        + stageTargets(in: "Labs", suffix: "", settings: student)
)

/// The programs of the stages in `folder`. Their files are looked up, not listed, so that a stray file stops
/// no build.
///
/// SwiftPM remembers what a manifest gave, and does not ask again when only files have changed. So the path
/// of every target is `folder` itself: where a stage's own folder has gone since, SwiftPM warns, and builds
/// all others.
func stageTargets(in folder: String, suffix: String, settings: [SwiftSetting]) -> [Target] {
    let files = files(under: folder)
    let stages = Set(files.map(topOfPath))
    return stagePrograms().compactMap { stage, program in
        let others = stagePrograms().filter { $0.stage == stage && $0.program != program }
            .map { "\(stage)/\($0.program).swift" }
        let own = files.filter { topOfPath($0) == stage }
        let sources = own.filter { $0.hasSuffix(".swift") && !others.contains($0) }
        if sources.isEmpty { return nil }
        return .executableTarget(
            name: kebabCase(program) + suffix,
            dependencies: ["LabSupport"],
            path: folder,
            exclude: stages.subtracting([stage]).sorted() + own.filter { !sources.contains($0) },
            sources: sources,
            swiftSettings: settings
        )
    }
}

func topOfPath(_ path: String) -> String {
    path.split(separator: "/").first.map(String.init) ?? path
}

/// Each program of the course: its stage's folder, and the name of its file without `.swift`. The solutions
/// tell.
func stagePrograms() -> [(stage: String, program: String)] {
    let stages =
        (try? FileManager.default.contentsOfDirectory(atPath: "\(Context.packageDirectory)/Solutions")) ?? []
    return stages.sorted().flatMap { stage in
        files(under: "Solutions/\(stage)").filter { $0.hasSuffix(".swift") }
            .map { (stage, String($0.dropLast(".swift".count))) }
    }
}

func files(under path: String) -> [String] {
    let folder = "\(Context.packageDirectory)/\(path)"
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return paths.filter { path in
        if path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { return false }
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
        return exists && !isFolder.boolValue
    }.sorted()
}

/// `SendRecv` as `send-recv`.
func kebabCase(_ name: String) -> String {
    name.reduce(into: "") { text, letter in
        if letter.isUppercase && !text.isEmpty { text += "-" }
        text += letter.lowercased()
    }
}
