/// A kind of mistake: how a line of a right program is rewritten into what somebody might have written in its
/// place.
///
/// It works on text alone. What comes of it may not compile, or be as right as it was: whoever uses it finds
/// out.
public struct Mutation: Sendable {
    /// What went wrong, in a word or two: `comparison-turned`.
    public let name: String

    /// All ways to make the mistake at the line of that index: each is the whole file.
    let variants: @Sendable (_ lines: [SourceLine], _ index: Int) -> [[String]]

    init(
        _ name: String,
        variants: @escaping @Sendable (_ lines: [SourceLine], _ index: Int) -> [[String]]
    ) {
        self.name = name
        self.variants = variants
    }

    /// A mistake within one line.
    ///
    /// - Parameter line: what may stand in place of a line; nil for nothing at all.
    init(_ name: String, line: @escaping @Sendable (SourceLine) -> [String?]) {
        self.init(name) { lines, index in
            line(lines[index]).map { new in
                var texts = lines.map(\.text)
                texts.replaceSubrange(index...index, with: new.map { [$0] } ?? [])
                return texts
            }
        }
    }

    /// Words that are taken one for another.
    init(_ name: String, words: KeyValuePairs<String, [String]>) {
        let pairs = words.flatMap { old, new in new.map { (old, $0) } }
        self.init(name) { line in
            pairs.flatMap { old, new in line.replacing(old, with: new) }
        }
    }
}
