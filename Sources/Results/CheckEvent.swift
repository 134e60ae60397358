import Foundation

/// What a suite tells while it runs: a line of JSON for each, in this order. Whoever started the suite reads
/// them live.
public enum CheckEvent: Codable, Hashable, Sendable {
    /// The checks that will run, by name, in their order.
    case planned([String])
    case started(String)
    case ended(CheckResult)

    /// The event as one line of JSON, without its newline.
    public var line: String {
        // Nothing in an event can fail to encode: it is strings and finite numbers.
        (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// - Parameter line: a line that ``line`` made; nil for any other.
    public init?(line: some StringProtocol) {
        guard let event = try? JSONDecoder().decode(Self.self, from: Data(line.utf8)) else { return nil }
        self = event
    }
}
