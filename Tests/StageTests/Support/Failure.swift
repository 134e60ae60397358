/// Why a check failed, told as a good teacher would: what was run and sent, what was expected, what was seen,
/// the likely cause, and where to read.
///
/// A cause is named only where the evidence points to it: a wrong one is worse than none.
struct Failure {
    /// What the student can type to see the same.
    var ran: String
    /// What the check did to the program once it ran.
    var did: String?
    var expected: String
    var saw: String
    var cause: String?
    /// The handout's section where it is explained.
    var read: String

    /// The lines that are filled in, each behind its name.
    var text: String {
        let rows: [(String, String?)] = [
            ("ran", ran), ("did", did), ("expected", expected), ("saw", saw), ("cause", cause),
            ("read", read),
        ]
        return rows.compactMap { name, value in value.map { Self.row(name, $0) } }.joined(separator: "\n")
    }

    private static let margin = 11
    private static let width = 76

    private static func row(_ name: String, _ value: String) -> String {
        let lines = visible(value).split(separator: "\n", omittingEmptySubsequences: false).flatMap(wrapped)
        let indent = String(repeating: " ", count: margin)
        return name + indent.dropFirst(name.count) + lines.joined(separator: "\n" + indent)
    }

    /// `text` with what a terminal would not show, or obey, escaped: `\0` and its like.
    private static func visible(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            let isHidden = scalar.value < 0x20 || scalar.value == 0x7F
            return isHidden && scalar != "\n" ? scalar.escaped(asASCII: true) : String(scalar)
        }.joined()
    }

    private static func wrapped(_ line: Substring) -> [String] {
        var lines = [""]
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            let last = lines[lines.count - 1]
            if !last.isEmpty && last.count + word.count + 1 > width - margin {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = last.isEmpty ? String(word) : "\(last) \(word)"
            }
        }
        return lines
    }
}

/// The sections of a handout that a failure sends its reader to.
enum Section: String, CaseIterable {
    case call = "The call"
    case newInSwift = "New in Swift"
    case task = "Your task"
    case wrong = "When it goes wrong"
}
