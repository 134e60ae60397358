import Foundation

/// Results as the JSON object that other tools read; its names are fixed.
public enum JSONFormat {
    /// The report as one object, with its keys in alphabetical order, ending in a newline.
    public static func text(_ report: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Every report is strings and finite numbers: nothing in it can fail to encode.
        let data = (try? encoder.encode(report)) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
