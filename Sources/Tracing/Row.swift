/// Within this time, in nanoseconds, something happens at once.
let promptness: UInt64 = 10_000_000

/// A row of a drawing: something that the program did, something that a peer did, and what went between them
/// then.
struct Row {
    /// How many characters of a call are shown in a row without a segment.
    static let longest = 48

    /// What stands in a lane.
    struct Label {
        /// In at most so many characters.
        let text: @Sendable (_ limit: Int) -> String
        /// All there is to say.
        let full: String
        var isFailure = false
        var isFaint = false
        /// What the call has moved, where that is all there is to say.
        var transfer: Transfer?

        init(_ text: String, isFailure: Bool = false, isFaint: Bool = false) {
            self.init(text, isFailure: isFailure, isFaint: isFaint) { cut(text, $0) }
        }

        init(
            _ full: String,
            isFailure: Bool = false,
            isFaint: Bool = false,
            text: @escaping @Sendable (Int) -> String
        ) {
            self.full = full
            self.isFailure = isFailure
            self.isFaint = isFaint
            self.text = text
        }
    }

    /// How far a call that waits has come, in this row.
    enum Bar {
        case none, begins, goesOn, ends
    }

    /// In nanoseconds since the first row; nil where it belongs to the row above.
    var time: UInt64?
    var program: Label?
    var segment: Segment?
    var peer: Label?
    /// One for each call that the program waits in at the same time.
    var bars: [Bar] = []
    /// In place of anything else: that rows are left out.
    var notice: String?
}
