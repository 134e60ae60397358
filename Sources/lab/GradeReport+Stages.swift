import Course
import Results

extension GradeReport {
    /// The results of stages, of which some make the course's 100 points and others are a bonus.
    init(of results: some Sequence<(Stage, StageResult)>) {
        self.init(
            core: results.filter { !$0.0.isBonus }.map(\.1),
            beyond: results.filter { $0.0.isBonus }.map(\.1)
        )
    }
}
