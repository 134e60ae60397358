import Foundation

/// Results as the JSON object that other tools read; its names are fixed.
public enum JSONFormat {
    /// The report as one object, with its keys in alphabetical order, ending in a newline.
    public static func text(_ report: some Encodable) -> String {
        encoded(report, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    /// The same in a single line.
    public static func line(_ report: some Encodable) -> String {
        encoded(report, [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func encoded(
        _ report: some Encodable,
        _ formatting: JSONEncoder.OutputFormatting
    ) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        // Every report is strings and finite numbers: nothing in it can fail to encode.
        let data = (try? encoder.encode(report)) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
