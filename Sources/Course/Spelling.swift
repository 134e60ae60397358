/// What somebody may have meant who wrote a word that does not exist.
public enum Spelling {
    /// The word among `words` that is nearest to `word`; nil where none is near.
    public static func nearest(to word: String, among words: [String]) -> String? {
        let word = word.lowercased()
        if word.isEmpty { return nil }
        return words.map { (distance(word, $0), $0) }
            .filter { $0.0 <= max(1, word.count / 3) || $0.1.hasPrefix(word) }
            .min { $0.0 < $1.0 }?.1
    }

    /// How many letters must be put in, taken out, replaced or swapped with their neighbour
    /// to make `a` into `b` (the optimal string alignment distance).
    static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a)
        let b = Array(b)
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, rows[i - 1][j - 1] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
