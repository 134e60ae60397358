/// The kit itself could not do its work. It says nothing about the program that it was to grade.
public struct KitFailure: Error, CustomStringConvertible, Sendable {
    /// What failed, in a sentence, with what was said about it below.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
