// swift-tools-version: 6.1

import Foundation
import PackageDescription

let kit: [SwiftSetting] = [.swiftLanguageMode(.v6)]

/// What a student writes compiles in Swift 5 mode: reading `stderr`, or a global that a signal handler reads,
/// is no mistake of a student of sockets.
let student: [SwiftSetting] = [.swiftLanguageMode(.v5)]

let package = Package(
    name: "SocketLab",
    products: [.library(name: "CSocketTrace", type: .dynamic, targets: ["CSocketTrace"])],
    targets: [
        .target(name: "LabSupport", swiftSettings: kit),
        .target(name: "CSocketTrace"),
    ]
        + stageTargets(in: "Solutions", suffix: "-solution", settings: kit)
        + stageTargets(in: "Labs", suffix: "", settings: student)
)

/// The programs of the stages in `folder`. They are looked up, not listed, so that a stage folder which is missing,
/// or has a stray file in it, stops no build of anything else.
func stageTargets(in folder: String, suffix: String, settings: [SwiftSetting]) -> [Target] {
    programs().compactMap { stage, program in
        let path = "\(folder)/\(stage)"
        let others = programs().filter { $0.stage == stage && $0.program != program }.map { "\($0.program).swift" }
        let sources = swiftFiles(under: path).filter { !others.contains($0) }
        if sources.isEmpty { return nil }
        return .executableTarget(
            name: kebabCase(program) + suffix,
            dependencies: ["LabSupport"],
            path: path,
            exclude: [],
            sources: sources,
            swiftSettings: settings
        )
    }
}

/// Each program of the course: its stage's folder, and its file's name without `.swift`. The solutions tell.
func programs() -> [(stage: String, program: String)] {
    let stages = (try? FileManager.default.contentsOfDirectory(atPath: "\(Context.packageDirectory)/Solutions")) ?? []
    return stages.sorted().flatMap { stage in
        swiftFiles(under: "Solutions/\(stage)").map { (stage, String($0.dropLast(".swift".count))) }
    }
}

func swiftFiles(under path: String) -> [String] {
    let folder = "\(Context.packageDirectory)/\(path)"
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return paths.filter { $0.hasSuffix(".swift") }.sorted()
}

/// `SendRecv` as `send-recv`.
func kebabCase(_ name: String) -> String {
    name.reduce(into: "") { text, letter in
        if letter.isUppercase && !text.isEmpty { text += "-" }
        text += letter.lowercased()
    }
}
