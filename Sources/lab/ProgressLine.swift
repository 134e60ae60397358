/// One line at the bottom of the terminal which says what `lab` is doing. Elsewhere than in a terminal there
/// is none.
struct ProgressLine {
    private let isShown = Terminal.isOutput && Terminal.knowsSequences

    func show(_ text: String) {
        if isShown { Terminal.write("\r\u{1B}[K\(text.prefix(76))") }
    }

    func clear() {
        if isShown { Terminal.write("\r\u{1B}[K") }
    }
}
