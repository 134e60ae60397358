import Course
import Results
import XCTest

/// `lab grade`, for people and for other tools.
final class LabGradeTests: XCTestCase {
    func testSolutionsEarnAllPoints() throws {
        let run = try LabCopy().lab("grade", "--solutions", "bind", "create")
        XCTAssertEqual(run.status, 0, run.errors)
        XCTAssertEqual(run.errors, "")
        XCTAssertTrue(
            run.output.hasPrefix("create\n✓ step 1 · "),
            "in the order of the course: \(run.output)"
        )
        XCTAssertTrue(run.output.hasSuffix("\nscore  15 of 15\n"), run.output)
    }

    func testStartersEarnNothingWhereverTheReportGoes() throws {
        let copy = try LabCopy()
        let text = try copy.lab("grade", "create")
        XCTAssertEqual(text.status, 1)
        XCTAssertTrue(
            text.output.hasSuffix("\ncreate: not started, 0 of 5 points\n\nscore  0 of 5\n"),
            text.output
        )
        // Through a link, which stays one.
        let link = "\(copy.repository.root)/latest.xml"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "tests.xml")
        let run = try copy.lab("grade", "create", "--format", "junit", "--output", "latest.xml")
        XCTAssertEqual(run.status, 1)
        XCTAssertEqual(run.output, "")
        XCTAssertEqual(try FileManager.default.destinationOfSymbolicLink(atPath: link), "tests.xml")
        let xml = try String(contentsOfFile: "\(copy.repository.root)/tests.xml", encoding: .utf8)
        XCTAssertTrue(xml.contains("<testsuite name=\"create\" tests=\"6\" failures=\"1\""), xml)

        let nowhere = try copy.lab("grade", "create", "--output", "no/such/folder/tests.xml")
        XCTAssertEqual(nowhere.status, 70)
        XCTAssertEqual(
            nowhere.errors,
            "lab: can't write no/such/folder/tests.xml: No such file or directory\n"
        )
    }

    func testTakesNothingButTheStagesSwiftFiles() throws {
        let copy = try LabCopy()
        let folder = try ScratchFolder()
        let parts = try copy.solution(.bind).text.components(separatedBy: "// MARK: - From stage 1\n")
        try folder.write(parts[0], to: "Labs/02-bind/Bind.swift")
        try folder.write("import LabSupport\n" + parts[1], to: "Labs/02-bind/earlier/Create.swift")
        try folder.write(script, to: "Labs/01-create/main.swift")
        try folder.write("#error \"not Swift\"", to: "Labs/01-create/stray.c")
        try folder.write("let x = ", to: "Labs/01-create/.hidden/x.swift")
        try folder.write("let port: Int = \"seven\"", to: "Labs/04-accept/Accept.swift")
        for name in ["Package.swift", "Labs/Package.swift", "Sources/LabSupport/Steps.swift"] {
            try folder.write("fatalError(\"nobody should read this\")", to: name)
        }
        let before = try content(of: folder.path)

        let run = try copy.lab(
            "grade",
            "create",
            "bind",
            "listen",
            "accept",
            "--format=json",
            "--submission",
            folder.path
        )
        XCTAssertEqual(run.status, 1, run.errors)
        let report = try JSONDecoder().decode(GradeReport.self, from: Data(run.output.utf8))
        XCTAssertEqual(report.stages.map(\.state), [.passed, .passed, .doesNotBuild, .doesNotBuild])
        XCTAssertEqual(report.score, 15)
        XCTAssertEqual(report.stages[2].diagnostics, "there is no Listen.swift in 03-listen")
        let error = report.stages[3].diagnostics
        XCTAssertTrue(error.hasPrefix("04-accept/Accept.swift:1:17: error: "), error)
        XCTAssertEqual(try content(of: folder.path), before, "nothing is written into a submission")
        XCTAssertEqual(
            try FileManager.default.contentsOfDirectory(atPath: copy.repository.cache + "/programs"),
            []
        )
    }

    func testTakesAFolderOfStages() throws {
        let copy = try LabCopy()
        let folder = try ScratchFolder()
        try folder.write(copy.solution(.create).text, to: "01-create/Create.swift")
        let here = try copy.finish(
            copy.start(["grade", "1", "--submission", "."], in: folder.path, executable: nil)
        )
        XCTAssertEqual(here.status, 70, "a submission is no checkout")
        let run = try copy.lab("grade", "1", "--submission", folder.path)
        XCTAssertEqual(run.status, 0, run.output)
    }

    func testTellsThatTheKitCouldNot() throws {
        let copy = try LabCopy()
        // The map says it of each stage that builds: three are enough to build.
        for stage in Stage.allCases where ![.create, .bind, .accept].contains(stage) {
            try FileManager.default.removeItem(atPath: copy.repository.labs(stage))
        }
        let lab = try XCTUnwrap(Products.besideThisProgram.program("lab"))
        let alone = "\(copy.repository.root)/lab"
        try FileManager.default.copyItem(atPath: lab, toPath: alone)
        let run = try copy.finish(
            copy.start(["grade", "create", "bind", "--format", "json"], executable: alone)
        )
        XCTAssertEqual(run.status, 70)
        let report = try JSONDecoder().decode(GradeReport.self, from: Data(run.output.utf8))
        XCTAssertEqual(report.stages.map(\.state), [.couldNotRun, .couldNotRun])
        let why = report.stages[0].diagnostics
        XCTAssertTrue(why.hasPrefix("the stage tests are not built in "), why)
        // Nor does one stage take the other away, where a person looks.
        let check = try copy.finish(copy.start(["check", "create", "bind"], executable: alone))
        XCTAssertEqual(check.status, 70)
        for line in ["create: could not run, 0 of 5 points", "bind: could not run, 0 of 10 points"] {
            XCTAssertTrue(check.output.contains(line), check.output)
        }
        let map = try copy.finish(copy.start([], executable: alone))
        XCTAssertEqual(map.status, 70)
        XCTAssertTrue(map.output.contains("  create could not run: the stage tests are not"), map.output)
        XCTAssertTrue(map.output.contains("04-accept"), map.output)
    }

    func testLeavesNothingBehindWhenItIsInterrupted() throws {
        let copy = try LabCopy()
        let folder = try ScratchFolder()
        try folder.write(copy.solution(.listen).text, to: "03-listen/Listen.swift")
        let lab = try copy.start(["grade", "listen", "--submission", folder.path])
        let programs = copy.repository.cache + "/programs"
        let listen = lab.wait(.seconds(30)) { _ in
            self.files(under: programs).first { $0.hasSuffix("/listen.note") }
        }
        XCTAssertNotNil(listen, "the program is built, its suite runs")
        lab.signal(SIGINT)
        XCTAssertEqual(try copy.finish(lab).status, 128 + SIGINT)
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: programs), [])
    }

    private let script = """
        import LabSupport

        noArguments(usage: "create")
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        if descriptor == -1 { fail("socket") }
        announce("created socket \\(descriptor)")
        waitForEndOfInput()

        """

    /// The files under a folder: paths, and what is in them.
    private func content(of folder: String) throws -> [String: Data] {
        files(under: folder).reduce(into: [:]) { content, path in
            content[path] = FileManager.default.contents(atPath: "\(folder)/\(path)") ?? Data()
        }
    }

    private func files(under folder: String) -> [String] {
        FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    }
}
