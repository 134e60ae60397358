import Course
import Results

extension StageResult {
    /// The result of a stage on which the kit could not do its work.
    public init(_ stage: Stage, _ failure: KitFailure) {
        self.init(stage, .couldNotRun, failure.description)
    }

    /// The result of a stage whose program does not build.
    ///
    /// - Parameter errors: what the compiler said.
    init(_ stage: Stage, doesNotBuild errors: String) {
        self.init(stage, .doesNotBuild, errors)
    }

    private init(_ stage: Stage, _ state: State, _ diagnostics: String) {
        self.init(stage: stage.rawValue, maxScore: stage.weight, state: state, diagnostics: diagnostics)
    }
}
