/// What the pictures for a page share: a document that stands alone, its colours, which follow the reader's
/// preference for light or dark, and its elements.
///
/// Places and lengths are in pixels. A `kind` is a class of the style: `head` and `faint` are texts of any
/// picture, the others are its own, in the colours `--page`, `--ink`, `--faint`, `--line`, `--wait`, `--edge`,
/// `--data`, `--control` and `--error`.
public enum SVG {
    /// A whole document.
    ///
    /// - Parameters:
    ///   - title: what is read out to those who don't see it.
    ///   - style: rules beside those that all pictures have.
    public static func document(
        width: Int,
        height: Int,
        title: String,
        style: String,
        _ elements: [String]
    ) -> String {
        let lines =
            [
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
                width="\(width)" height="\(height)" role="img">
                """,
                "<title>\(XML.escaped(title))</title>",
                "<style>\n\(colours)\n\(style)\n</style>",
                rectangle("page", 0, 0, width, height, radius: 8),
            ] + elements + ["</svg>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static let colours = """

        svg { --page: #ffffff; --ink: #1f2328; --faint: #6e7781; --line: #d0d7de; --wait: #d8e6fb;
              --edge: #5b8fd9; --data: #116329; --control: #7d5700; --error: #c2202b;
              font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
        @media (prefers-color-scheme: dark) {
          svg { --page: #0d1117; --ink: #e6edf3; --faint: #8b949e; --line: #30363d; --wait: #1c3050;
                --edge: #6ea8fe; --data: #56d364; --control: #e3b341; --error: #ff7b72 }
        }
        rect.page { fill: var(--page); stroke: none } text { fill: var(--ink); white-space: pre }
        .head { font-weight: 600; font-size: 13px } .faint { fill: var(--faint) } .error { fill: var(--error) }
        """

    /// A line of text, which begins at `x` and stands on `y`.
    ///
    /// - Parameter title: what browsers show under the pointer.
    public static func text(
        _ kind: String,
        _ x: Int,
        _ y: Int,
        _ text: String,
        title: String? = nil
    ) -> String {
        let hover = title.map { "<title>\(XML.escaped($0))</title>" } ?? ""
        return "<text class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\">\(XML.escaped(text))\(hover)</text>"
    }

    public static func rectangle(
        _ kind: String,
        _ x: Int,
        _ y: Int,
        _ width: Int,
        _ height: Int,
        radius: Int
    ) -> String {
        """
        <rect class="\(kind)" x="\(x)" y="\(y)" width="\(width)" height="\(height)" rx="\(radius)"/>
        """
    }
}
