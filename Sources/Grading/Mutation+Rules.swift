import Foundation

extension Mutation {
    /// Every kind of mistake that is tried. Where two rules make the same of a program, the first counts.
    public static let all = [
        statementLeftOut, resultIgnored, resultHardCoded, loopRunOnce, movedOutOfItsLoop, movedUp,
        comparisonTurned, conditionHalved, conditionNegated, jumpChanged, numberChanged, constantChanged,
        offByOne, byteOrderDropped, bufferNotCut, wrongSocket, wrongReport,
    ]

    // MARK: - Statements

    static let statementLeftOut = Mutation("statement-left-out") { lines, index in
        let line = lines[index]
        let isNeeded = ["let ", "var ", "return ", "while ", "guard "].contains(where: line.code.hasPrefix)
        // Alone in a closure or a function, it is what that returns.
        let isResult = index > 0 && [" in", "-> Int32 {"].contains(where: lines[index - 1].text.hasSuffix)
        if !line.isStatement || isNeeded || isResult { return [] }
        var texts = lines.map(\.text)
        texts.remove(at: index)
        return [texts]
    }

    /// `if bind(…) == -1 { … }` as `_ = bind(…)`
    static let resultIgnored = Mutation("result-ignored") { line in
        guard line.isStatement else { return [] }
        return [" == -1 {", " == nil {", " != 0 {", " == 0 {"].compactMap { comparison in
            guard let call = line.between("if ", comparison), line.text[call].hasSuffix(")") else {
                return nil
            }
            return line.replacing(line.code.startIndex..<line.text.endIndex, with: "_ = \(line.text[call])")
        }
    }

    /// Of a function that returns a number.
    static let resultHardCoded = Mutation("result-hard-coded") { lines, index in
        let function = lines.function(at: index)
        guard lines[index].isStatement, lines[index].code.hasPrefix("return "),
            ["-> Int32 {", "-> Int {"].contains(where: lines[function].text.hasSuffix)
        else { return [] }
        return ["0", "-1"].map { value in
            var texts = lines.map(\.text)
            texts[index] = String(repeating: " ", count: lines[index].indentation) + "return \(value)"
            return texts
        }
    }

    static let loopRunOnce = Mutation("loop-run-once") { lines, index in
        let line = lines[index]
        guard line.code.hasPrefix("while ") else { return [] }
        var texts = lines.map(\.text)
        if line.isStatement {
            texts[index] = line.replacing("while", with: "if")[0]
            return [texts]
        }
        let end = lines[index...].firstIndex { $0.code == "}" && $0.indentation == line.indentation }
        guard let end, !lines[end - 1].code.hasPrefix("return") else { return [] }
        texts.insert(String(repeating: " ", count: line.indentation + 4) + "break", at: end)
        return [texts]
    }

    static let movedOutOfItsLoop = Mutation("moved-out-of-its-loop") { lines, index in
        let line = lines[index]
        guard line.isStatement, !["return", "continue", "break"].contains(where: line.text.contains),
            let loop = lines[..<index].lastIndex(where: {
                !$0.isBlankOrComment && $0.indentation < line.indentation
            }),
            ["while ", "for "].contains(where: lines[loop].code.hasPrefix),
            !lines[loop..<index].compactMap(\.declaredName).contains(where: line.mentions)
        else { return [] }
        var texts = lines.map(\.text)
        texts.remove(at: index)
        texts.insert(String(repeating: " ", count: lines[loop].indentation) + line.code, at: loop)
        return [texts]
    }

    /// Before the statement above it: a failure reported too early, a result read too late. The order of two
    /// declarations, or of two assignments, is no mistake.
    static let movedUp = Mutation("moved-up") { lines, index in
        guard lines[index].isStatement,
            let above = lines[..<index].lastIndex(where: { !$0.isBlankOrComment }),
            lines[above].isStatement, lines[above].indentation == lines[index].indentation,
            [above, index].allSatisfy({ !lines[$0].declares }),
            [above, index].contains(where: { !lines[$0].assigns })
        else { return [] }
        var texts = lines.map(\.text)
        texts.insert(texts.remove(at: index), at: above)
        return [texts]
    }

    static let jumpChanged = Mutation("jump-changed") { line in
        let jumps = ["continue": ["break"], "break": ["continue"], "return": ["continue", "break"]]
        return jumps.sorted { $0.key < $1.key }.flatMap { jump, others -> [String] in
            if line.code != jump && !line.text.hasSuffix("{ \(jump) }") { return [] }
            return others.flatMap { line.replacing(jump, with: $0) }
        }
    }

    // MARK: - Conditions

    static let comparisonTurned = Mutation(
        "comparison-turned",
        words: [
            " == ": [" != "], " != ": [" == "], " < ": [" <= ", " > "], " > ": [" >= ", " < "],
            " <= ": [" < ", " > "], " >= ": [" > ", " < "],
        ]
    )

    /// One of two conditions left out, or one of them enough.
    static let conditionHalved = Mutation("condition-halved") { line in
        let range = line.between("if ", " {") ?? line.between("while ", " {") ?? line.between("return ", " ?")
        guard let range else { return [] }
        return ["&&", "||"].flatMap { sign -> [String] in
            let parts = line.text[range].components(separatedBy: " \(sign) ")
            if parts.count != 2 { return [] }
            let other = sign == "&&" ? "||" : "&&"
            return (parts + ["\(parts[0]) \(other) \(parts[1])"]).map { line.replacing(range, with: $0) }
        }
    }

    static let conditionNegated = Mutation("condition-negated") { line in
        if let range = line.between("while !", " {") ?? line.between("if !", " {") {
            return [line.replacing(line.text.index(before: range.lowerBound)..<range.lowerBound, with: "")]
        }
        let range = line.between("if ", " {") ?? line.between("while ", " {")
        guard let range, line.text[range] != "true",
            ![" == ", " != ", " < ", "let "].contains(where: line.text[range].contains)
        else { return [] }
        return [line.replacing(range, with: "!(\(line.text[range]))")]
    }
}
