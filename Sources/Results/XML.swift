/// Text in a document of XML.
public enum XML {
    /// As the value of an attribute or the text of an element (XML 1.0, 2.2, 2.3 and 3.3.3): a newline in an attribute
    /// would else be read as a space, and a control character, which XML can't hold at all, would make the whole file
    /// unreadable.
    public static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n": escaped += "&#10;"
            case "\t": escaped += "&#9;"
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
