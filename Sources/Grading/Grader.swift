import Course
import Foundation
import Results

/// Takes a stage's folder to its result: builds it, runs its suite against it, and adds up. Every view of a
/// result comes this one way.
public struct Grader: Sendable {
    public let repository: Repository
    public let kit: KitBuild
    private let products: Products
    private let toolchain: Toolchain

    /// - Parameter products: where the stage tests and the recorder are.
    /// - Throws: ``KitFailure`` where there is no Swift toolchain.
    public init(repository: Repository, products: Products = .besideThisProgram) throws(KitFailure) {
        self.repository = repository
        self.products = products
        toolchain = try Toolchain()
        kit = KitBuild(repository: repository, products: products, toolchain: toolchain)
    }

    /// Grades one stage.
    ///
    /// - Parameters:
    ///   - check: the one check to run; nil for all.
    ///   - watch: is told each check's start and end, as they happen.
    /// - Throws: ``KitFailure`` where the kit itself could not do its work.
    public func grade(
        _ stage: Stage,
        of submission: Submission,
        check: String? = nil,
        watch: @escaping @Sendable (CheckEvent) -> Void = { _ in }
    ) throws(KitFailure) -> StageResult {
        var run = SuiteRun()
        run.check = check
        return try grade(stage, of: submission, as: [run], watch: watch)[0]
    }

    /// Grades one stage. What goes wrong with the kit is a result too: it takes no other stage's away.
    public func result(
        of stage: Stage,
        of submission: Submission,
        watch: @escaping @Sendable (CheckEvent) -> Void = { _ in }
    ) -> StageResult {
        do {
            return try grade(stage, of: submission, watch: watch)
        } catch {
            return StageResult(stage, error)
        }
    }

    /// Grades one stage, once for each of `runs`, of which there is at least one. It is built once for all.
    ///
    /// - Returns: as many results.
    /// - Throws: ``KitFailure`` where the kit itself could not do its work.
    public func grade(
        _ stage: Stage,
        of submission: Submission,
        as runs: [SuiteRun],
        watch: @escaping @Sendable (CheckEvent) -> Void = { _ in }
    ) throws(KitFailure) -> [StageResult] {
        let workplace = Workplace(for: submission, in: repository)
        defer { workplace.cleanUp() }
        func startSuite(as run: SuiteRun) throws(KitFailure) -> SuiteRunner {
            try SuiteRunner(
                stage,
                against: workplace.programs(of: stage),
                as: run,
                conversations: submission == .labs ? repository.conversations(stage) : nil,
                in: products
            )
        }
        // Loads while the compiler works.
        var early: SuiteRunner? = try startSuite(as: runs[0])
        switch try build(stage, of: submission, in: workplace) {
        case .doesNotBuild(let errors):
            return runs.map { _ in StageResult(stage, doesNotBuild: errors) }
        case .built(_, let fingerprint, let warnings):
            if submission == .labs { repository.emptyConversations(stage) }
            var results: [StageResult] = []
            for run in runs {
                let suite = if let early { early } else { try startSuite(as: run) }
                early = nil
                let checks = try suite.check(watch: watch)
                let result = StageResult(
                    stage: stage.rawValue,
                    maxScore: stage.weight,
                    checks: checks,
                    isStarter: isStarter(stage, of: submission),
                    diagnostics: warnings
                )
                // Where it can't be kept, it is right all the same.
                if run.isWhole { try? memory(of: submission)?.remember(result, of: key(fingerprint)) }
                results.append(result)
            }
            return results
        }
    }

    /// Builds the programs of a stage of this checkout, the student's or the kit's own, where they stay.
    ///
    /// - Parameter optimised: whether they are to be fast, in place of built quickly.
    /// - Throws: ``KitFailure`` where the kit's own part failed.
    public func build(
        _ stage: Stage,
        of submission: Submission,
        optimised: Bool = false
    ) throws(KitFailure) -> StageBuilder.Outcome {
        let workplace = Workplace(for: submission, in: repository, optimised: optimised)
        return try build(stage, of: submission, in: workplace, optimised: optimised)
    }

    /// The result of the last time, where neither the program nor the kit has changed since; else nil.
    ///
    /// - Throws: ``KitFailure`` where the program could not be built for a reason of the kit's.
    public func remembered(_ stage: Stage, of submission: Submission) throws(KitFailure) -> StageResult? {
        guard let memory = memory(of: submission) else { return nil }
        let workplace = Workplace(for: submission, in: repository)
        guard case .built(_, let fingerprint, _) = try build(stage, of: submission, in: workplace) else {
            return nil
        }
        return memory.recall(stage, of: key(fingerprint))
    }

    /// Whether every program of `stage` is as the kit gave it.
    private func isStarter(_ stage: Stage, of submission: Submission) -> Bool {
        let folder = submission.folder(of: stage, in: repository)
        let given = stage.programs.map { "\(folder)/\($0.file)" }.sorted()
        guard SourceFiles.under(folder, endings: [".swift"]) == given else { return false }
        return stage.programs.allSatisfy { program in
            let text = FileManager.default.contents(atPath: "\(folder)/\(program.file)")
            return text.map { String(decoding: $0, as: UTF8.self) }
                == repository.solution(of: program, in: stage)?.starter
        }
    }

    private func build(
        _ stage: Stage,
        of submission: Submission,
        in workplace: Workplace,
        optimised: Bool = false
    ) throws(KitFailure) -> StageBuilder.Outcome {
        let folder = submission.folder(of: stage, in: repository)
        return try StageBuilder(repository: repository, toolchain: toolchain, optimised: optimised)
            .build(stage, in: folder, into: workplace.programs(of: stage))
    }

    /// Only the results of this checkout's own programs are remembered.
    private func memory(of submission: Submission) -> Memory? {
        submission == .labs ? Memory(of: repository) : nil
    }

    private func key(_ program: Fingerprint) -> String {
        program.text + kit.fingerprint.text
    }
}
