import XCTest

@testable import Grading

/// What the rules of mutation make of a solution's lines.
final class MutationTests: XCTestCase {
    /// What `rule` makes of a function with these lines: how each mutant differs from it.
    private func changes(_ rule: Mutation, _ lines: String, in head: String = "func f() {") -> [[String]] {
        let body = lines.split(separator: "\n").map { "    \($0)" }
        let text = ([head] + body + ["}", "", "// MARK: - From stage 1", "func g() {", "    \(lines)", "}"])
        return Mutant.all(of: text.joined(separator: "\n"), by: [rule]).map { rewriting in
            XCTAssertEqual(rewriting.rule, rule.name)
            XCTAssertEqual(rewriting.function, "f")
            return rewriting.change.map { String($0.prefix(1) + $0.dropFirst().drop { $0 == " " }) }
        }
    }

    /// What `rule` makes of one line.
    private func variants(_ rule: Mutation, _ line: String, in head: String = "func f() {") -> [String] {
        changes(rule, line, in: head).map { change in
            XCTAssertEqual(change.first, "-\(line)")
            return change.count == 1 ? "" : String(change[1].dropFirst())
        }
    }

    func testLeavesOutStatements() {
        XCTAssertEqual(variants(.statementLeftOut, "close(connection)"), [""])
        XCTAssertEqual(variants(.statementLeftOut, "if count == -1 { fail(\"recv\") }"), [""])
        for line in ["let n = f()", "return n", "while true { f() }", "// a comment", "}", "f { x in"] {
            XCTAssertEqual(variants(.statementLeftOut, line), [], line)
        }
        XCTAssertEqual(variants(.statementLeftOut, "socket(1, 2, 3)", in: "func f() -> Int32 {"), [])
    }

    func testIgnoresResults() {
        XCTAssertEqual(variants(.resultIgnored, "if f(a, b) == -1 { fail(\"f\") }"), ["_ = f(a, b)"])
        XCTAssertEqual(variants(.resultIgnored, "if a == -1 { fail(\"f\") }"), [])
        XCTAssertEqual(
            variants(.resultHardCoded, "return n", in: "func f() -> Int {"),
            ["return 0", "return -1"]
        )
        XCTAssertEqual(variants(.resultHardCoded, "return n", in: "func f() -> String {"), [])
    }

    func testMovesStatements() {
        let loop = "while true {\n    let n = f()\n    g()\n    h(n)\n    if n == 0 { return }\n}"
        XCTAssertEqual(
            changes(.movedOutOfItsLoop, loop),
            [["-let n = f()", "+let n = f()"], ["-g()", "+g()"]]
        )
        XCTAssertEqual(changes(.loopRunOnce, loop), [["+break"]])
        XCTAssertEqual(variants(.loopRunOnce, "while true { f() }"), ["if true { f() }"])
        XCTAssertEqual(changes(.loopRunOnce, "while true {\n    return f()\n}"), [], "it runs once as it is")

        XCTAssertEqual(changes(.movedUp, "f()\n// why\ng()"), [["-g()", "+g()"]])
        XCTAssertEqual(changes(.movedUp, "let a = f()\nlet b = g()\na.x = 1\na.y = 2"), [])
        XCTAssertEqual(changes(.movedUp, "let a = errno\nclose(b)"), [["-let a = errno", "+let a = errno"]])
    }

    func testTurnsConditions() {
        XCTAssertEqual(
            variants(.comparisonTurned, "if a < b { f() }"),
            ["if a <= b { f() }", "if a > b { f() }"]
        )
        XCTAssertEqual(variants(.comparisonTurned, "f(\"a == b\")"), [], "that is text")
        XCTAssertEqual(
            variants(.conditionHalved, "if a == -1 && errno == EINTR { f() }"),
            ["if a == -1 { f() }", "if errno == EINTR { f() }", "if a == -1 || errno == EINTR { f() }"]
        )
        XCTAssertEqual(variants(.conditionHalved, "return a && b ? 0 : c").first, "return a ? 0 : c")
        XCTAssertEqual(variants(.conditionNegated, "while !rest.isEmpty {"), ["while rest.isEmpty {"])
        XCTAssertEqual(variants(.conditionNegated, "if isOpen { f() }"), ["if !(isOpen) { f() }"])
        XCTAssertEqual(variants(.conditionNegated, "if a == b { f() }"), [], "to be turned, not negated")
        XCTAssertEqual(
            variants(.jumpChanged, "if a == 0 { return }"),
            ["if a == 0 { continue }", "if a == 0 { break }"]
        )
    }

    func testChangesValues() {
        XCTAssertEqual(
            variants(.numberChanged, "if f(0) == -1 { f(\"1\") }"),
            [
                "if f(1) == -1 { f(\"1\") }", "if f(-1) == -1 { f(\"1\") }", "if f(0) == 0 { f(\"1\") }",
            ]
        )
        XCTAssertEqual(variants(.numberChanged, "f(UInt8, $0, a2, capacity: 1)"), [])
        XCTAssertEqual(variants(.constantChanged, "f(AF_INET, AF_INET6)"), ["f(AF_INET6, AF_INET6)"])
        XCTAssertEqual(variants(.offByOne, "f(a.count, b)"), ["f(a.count + 1, b)", "f(a.count - 1, b)"])
        XCTAssertEqual(variants(.byteOrderDropped, "a = b.bigEndian"), ["a = b"])
        XCTAssertEqual(variants(.byteOrderDropped, "return in_port_t(bigEndian: a)"), ["return in_port_t(a)"])
        XCTAssertEqual(
            variants(.bufferNotCut, "f(b[..<count])"),
            ["f(b[...])", "f(b[...count])", "f(b[..<(count - 1)])"]
        )
        XCTAssertEqual(variants(.wrongReport, "if a { fail(\"bind\") }"), ["if a { fail(\"error\") }"])
    }

    func testTakesOneSocketForTheOther() {
        let head = "func f(_ listener: Int32) {"
        XCTAssertEqual(
            changes(.wrongSocket, "let connection = accept(listener)\necho(connection)", in: head),
            [["-echo(connection)", "+echo(listener)"]]
        )
        XCTAssertEqual(variants(.wrongSocket, "echo(connection)"), [], "there is no other")
    }

    func testMakesEachProgramOnce() {
        let text = "func f() {\n    close(a)\n}\n"
        let mutants = Mutant.all(of: text, by: [.statementLeftOut, .statementLeftOut])
        XCTAssertEqual(mutants.map(\.text), [["func f() {", "}", ""]])
        XCTAssertEqual(mutants.map(\.change), [["-    close(a)"]])
    }

    func testRulesHaveNamesOfTheirOwn() {
        XCTAssertEqual(Set(Mutation.all.map(\.name)).count, Mutation.all.count)
    }
}
