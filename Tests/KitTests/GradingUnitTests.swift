import Course
import Supervision
import XCTest

@testable import Grading

/// How a stage's folder becomes its programs, and how files are told apart.
final class GradingUnitTests: XCTestCase {
    private let repository = Checkout.repository

    func testFingerprintIsThatOfTheBytes() {
        func fingerprint(_ text: String) -> String {
            var fingerprint = Fingerprint()
            fingerprint.add(Array(text.utf8))
            return fingerprint.text
        }
        // Test vectors of FNV-1a.
        XCTAssertEqual(fingerprint(""), "cbf29ce484222325")
        XCTAssertEqual(fingerprint("a"), "af63dc4c8601ec8c")
        XCTAssertEqual(fingerprint("foobar"), "85944171f73967e8")

        var together = Fingerprint()
        together.add("ab")
        var apart = Fingerprint()
        apart.add("a")
        apart.add("b")
        XCTAssertNotEqual(together.text, apart.text, "where a text ends counts")
        XCTAssertEqual(together.text.count, 16)
    }

    func testAFileIsHeldByOneAtATime() throws {
        let folder = try ScratchFolder()
        try folder.write("0", to: "count")
        let count = URL(filePath: "\(folder.path)/count")
        _ = Crew(size: 4).map(Array(0..<100)) { _ in
            try? FileLock.hold("\(folder.path)/lock") { () throws(KitFailure) in
                let before = (try? String(contentsOf: count, encoding: .utf8)).flatMap(Int.init)
                try KitFolder.write("\((before ?? 0) + 1)", to: count.path)
            }
        }
        XCTAssertEqual(
            try String(contentsOf: count, encoding: .utf8),
            "100",
            "what is read is still so when it is written"
        )
        XCTAssertThrowsError(try FileLock.hold("\(folder.path)/no/such/folder") {})
    }

    func testSourceFilesAreRegularOnes() throws {
        let folder = try ScratchFolder()
        for name in ["B.swift", "A/x.swift", "A/x.c", ".build/x.swift", "folder.swift/x.txt", ".swift"] {
            try folder.write("", to: name)
        }
        XCTAssertEqual(mkfifo("\(folder.path)/pipe.swift", 0o600), 0)
        let files = FileManager.default
        try files.createSymbolicLink(atPath: "\(folder.path)/null.swift", withDestinationPath: "/dev/null")
        try files.createSymbolicLink(
            atPath: "\(folder.path)/nowhere.swift",
            withDestinationPath: "/no/such/file"
        )
        try files.createSymbolicLink(atPath: "\(folder.path)/C.swift", withDestinationPath: "B.swift")
        XCTAssertEqual(
            SourceFiles.under(folder.path, endings: [".swift"]),
            ["A/x.swift", "B.swift", "C.swift"].map { "\(folder.path)/\($0)" }
        )
        XCTAssertEqual(SourceFiles.under("\(folder.path)/nothing", endings: [".swift"]), [])
    }

    // MARK: Builds

    /// Builds `files` as the stage create.
    private func build(_ files: [String: String], in folder: ScratchFolder) throws -> StageBuilder.Outcome {
        for (name, text) in files { try folder.write(text, to: "01-create/\(name)") }
        return try StageBuilder(repository: repository, toolchain: Toolchain())
            .build(.create, in: "\(folder.path)/01-create", into: "\(folder.path)/programs")
    }

    private func errors(_ files: [String: String]) throws -> String? {
        guard case .doesNotBuild(let errors) = try build(files, in: ScratchFolder()) else { return nil }
        return errors
    }

    func testBuildsOnceAndAgainAfterAChange() throws {
        let folder = try ScratchFolder()
        func built(_ text: String) throws -> (fingerprint: String, file: NSObject?, warnings: String) {
            guard
                case .built(let programs, let fingerprint, let said) = try build(
                    ["main.swift": text],
                    in: folder
                )
            else { throw XCTSkip("does not build") }
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(programs)/create")
            return (fingerprint.text, attributes[.modificationDate] as? NSObject, said)
        }
        let first = try built("func f() { let unused = 1 }")
        XCTAssertTrue(first.warnings.hasPrefix("01-create/main.swift:1:16: warning: "), first.warnings)
        let second = try built("func f() { let unused = 1 }")
        XCTAssertEqual(second.fingerprint, first.fingerprint)
        XCTAssertEqual(second.file, first.file, "it was not built again")
        XCTAssertEqual(second.warnings, first.warnings, "what the compiler said is kept")
        let third = try built("func f() { }")
        XCTAssertNotEqual(third.fingerprint, first.fingerprint)
        XCTAssertNotEqual(third.file, first.file)
        XCTAssertEqual(third.warnings, "")
    }

    func testBuildsScriptsAndLibraries() throws {
        let main = "@main\nstruct Create {\n    static func main() { print(one) }\n}\n"
        XCTAssertNil(try errors(["Create.swift": main, "more/One.swift": "let one = 1"]))
        XCTAssertNil(try errors(["main.swift": "print(one)", "One.swift": "let one = 1"]))
        XCTAssertNil(try errors(["Create.swift": "// This has no @main.\nprint(1)"]))
    }

    func testALineIsAnnouncedWhileAThreadReadsStandardInput() throws {
        let folder = try ScratchFolder()
        let text = """
            import LabSupport

            let ends = UnsafeMutablePointer<Int32>.allocate(capacity: 2)
            pipe(ends)
            inBackground {
                // As getline(3) has it while it waits.
                flockfile(stdin)
                write(ends[1], "x", 1)
                pause()
            }
            var byte: UInt8 = 0
            read(ends[0], &byte, 1)
            announce("said")
            _exit(0)
            """
        guard case .built(let programs, _, _) = try build(["main.swift": text], in: folder) else {
            return XCTFail("it should build")
        }
        let program = try RunningProgram(Launch("\(programs)/create"))
        XCTAssertEqual(try everything(of: program).outputText, "said\n")
    }

    func testErrorsNameTheFileAsItsWriterDoes() throws {
        let broken = try XCTUnwrap(errors(["Create.swift": "let x = 1\nlet y: Int = \"a\""]))
        XCTAssertTrue(broken.hasPrefix("01-create/Create.swift:2:14: error: "), broken)
        XCTAssertFalse(broken.contains(FileManager.default.temporaryDirectory.path), broken)
        let missing = try errors(["Create.c": "", "README.md": ""])
        XCTAssertEqual(missing, "there is no Create.swift in 01-create")
        let noMain = try XCTUnwrap(errors(["A.swift": "let a = 1", "B.swift": "let b = 1"]))
        XCTAssertTrue(noMain.contains("main"), noMain)
    }

    func testBuildsWriteNothingBesideTheModule() throws {
        let copy = try LabCopy()
        for name in try FileManager.default.contentsOfDirectory(atPath: copy.repository.cache) {
            try FileManager.default.removeItem(atPath: "\(copy.repository.cache)/\(name)")
        }
        let builder = StageBuilder(repository: copy.repository, toolchain: try Toolchain())
        let labs = copy.repository.labs(.create)
        guard case .built = try builder.build(.create, in: labs, into: "\(copy.repository.root)/programs")
        else {
            return XCTFail("the starter should build")
        }
        let module = try XCTUnwrap(
            FileManager.default.contentsOfDirectory(atPath: copy.repository.cache).first {
                $0.hasPrefix("LabSupport")
            }
        )
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(copy.repository.cache)/\(module)")
        XCTAssertTrue(files.allSatisfy { $0.hasPrefix("LabSupport.") }, "\(files)")
    }
}
