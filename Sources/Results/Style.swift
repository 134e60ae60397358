/// How text is set off in a terminal, with the escape sequences of ECMA-48; or plain.
public struct Style: Sendable {
    private let isColoured: Bool

    /// - Parameter isColoured: false gives every text back as it is.
    public init(isColoured: Bool) {
        self.isColoured = isColoured
    }

    public static let plain = Style(isColoured: false)

    public func bold(_ text: String) -> String { paint(text, "1") }
    public func dim(_ text: String) -> String { paint(text, "2") }
    public func green(_ text: String) -> String { paint(text, "32") }
    public func red(_ text: String) -> String { paint(text, "31") }
    public func yellow(_ text: String) -> String { paint(text, "33") }
    public func cyan(_ text: String) -> String { paint(text, "36") }

    private func paint(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
