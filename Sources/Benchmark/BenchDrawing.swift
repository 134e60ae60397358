public struct BenchDrawing {
    public init(_ report: BenchReport) {}
    public var text: String { "" }
}
