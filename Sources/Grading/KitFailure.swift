import Foundation

/// The kit itself could not do its work. It says nothing about the program that it was to grade.
public struct KitFailure: Error, CustomStringConvertible, Sendable {
    /// What failed, in a sentence, with what was said about it below.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension Error {
    /// Why a call of Foundation's failed: what strerror(3) says of the errno below it, where there is one.
    public var reason: String {
        guard let cause = (self as? CocoaError)?.underlying as? POSIXError else {
            return localizedDescription
        }
        return String(cString: strerror(cause.code.rawValue))
    }
}
