import Course
import Foundation

/// Builds `LabSupport` once, for the stages to be compiled against.
struct LabSupportBuilder {
    let repository: Repository
    let toolchain: Toolchain
    var optimised = false

    /// A module that is built.
    struct Module {
        /// Where its `.swiftmodule` lies.
        let folder: String
        let object: String
        /// A file of options for clang, which links.
        var linkOptions: String { "\(folder)/LabSupport.cfg" }
        /// Changes with the compiler and with the module's content.
        let fingerprint: Fingerprint
    }

    /// Every Swift file asks for the libraries of concurrency and regular expressions. A program starts a third
    /// faster without those that it does not use, and a suite starts dozens. The option has to stand before the
    /// libraries, where only a file of options gets it.
    private static let linkOptions = "-Wl,--as-needed\n"

    func build() throws(KitFailure) -> Module {
        let sources = SourceFiles.under("\(repository.root)/Sources/LabSupport", endings: [".swift"])
        var fingerprint = toolchain.fingerprint
        fingerprint.add(files: sources)
        fingerprint.add(flags.joined(separator: " "))
        fingerprint.add(Self.linkOptions)
        let folder = "\(repository.cache)/LabSupport-\(fingerprint.text)"
        let module = Module(folder: folder, object: "\(folder)/LabSupport.o", fingerprint: fingerprint)
        if FileManager.default.fileExists(atPath: module.object) { return module }

        // Made under another name and then renamed, so that two builds at once do not see each other's
        // halves.
        let draft = Leftovers.path("\(folder)-draft")
        try KitFolder.make(draft)
        defer { try? FileManager.default.removeItem(atPath: draft) }
        let outputs = [
            "-emit-object", "-o", "\(draft)/LabSupport.o",
            "-emit-module", "-emit-module-path", "\(draft)/LabSupport.swiftmodule",
        ]
        let result = try Tool.run([toolchain.compiler] + flags + outputs + sources)
        if !result.succeeded { throw KitFailure("LabSupport does not build:\n\(result.text)") }
        try KitFolder.write(Self.linkOptions, to: "\(draft)/LabSupport.cfg")
        // Where another build was first, its folder stays.
        try? FileManager.default.moveItem(atPath: draft, toPath: folder)
        return module
    }

    private var flags: [String] {
        ["-swift-version", "6", "-parse-as-library", "-wmo", "-module-name", "LabSupport"]
            + (optimised ? ["-O"] : [])
    }
}
