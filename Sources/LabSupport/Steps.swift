/// Marks a step that is still to be written: says which on standard error, and ends the program.
///
/// The exit status is 77, by which a check knows "not written yet" from "wrong".
///
/// - Parameter step: the number of the step in its handout.
public func todo(_ step: Int, function: StaticString = #function, line: UInt = #line) -> Never {
    writeError("step \(step) is not written yet: \(function), line \(line)\n")
    exit(77)
}
