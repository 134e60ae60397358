import Foundation
import LoadGeneration
import XCTest

/// What is kept of a great many latencies.
final class HistogramTests: XCTestCase {
    private func histogram(_ values: some Sequence<UInt64>) -> Histogram {
        values.reduce(into: Histogram()) { $0.add($1) }
    }

    func testPercentilesOfSmallValuesAreExact() {
        let histogram = histogram(1...200)
        XCTAssertEqual(histogram.count, 200)
        XCTAssertEqual([0, 0.001, 0.5, 0.99, 1].map(histogram.percentile), [1, 1, 100, 198, 200])
        XCTAssertEqual(histogram.largest, 200)
        XCTAssertEqual(self.histogram([7]).percentile(0.5), 7)
        XCTAssertEqual(Histogram().percentile(0.5), 0)
    }

    func testEveryValueIsWithinA128thOfItsBucket() {
        for exponent in 0..<40 {
            for offset: UInt64 in [0, 1, 2, 3] {
                let value = UInt64(1) << UInt64(exponent) + offset * (UInt64(1) << UInt64(exponent)) / 4
                // A larger one, so that the middle of the bucket is told and not the largest value.
                let told = histogram([value, 1 << 41]).percentile(0.5)
                let difference = told > value ? told - value : value - told
                XCTAssertLessThanOrEqual(difference * 128, value, "\(value) is told as \(told)")
            }
        }
    }

    func testWhatIsBeyondAllBucketsIsTheLargest() {
        let histogram = histogram([5, .max])
        XCTAssertEqual(histogram.largest, .max)
        XCTAssertEqual(histogram.percentile(0.5), 5)
    }

    func testHistogramsAddUp() {
        var sum = histogram((1...1000).map { $0 * 1000 })
        sum.add(histogram((1001...2000).map { $0 * 1000 }))
        XCTAssertEqual(sum, histogram((1...2000).map { $0 * 1000 }))
    }

    func testItIsTheSameAfterAJourneyAsJSON() throws {
        let histogram = histogram([0, 1, 255, 256, 257, 65_536, 999_999_999, 999_999_999])
        let data = try JSONEncoder().encode(histogram)
        XCTAssertEqual(try JSONDecoder().decode(Histogram.self, from: data), histogram)
        let wrong = Data(#"{"largest":1,"buckets":[[1000000,1]]}"#.utf8)
        XCTAssertThrowsError(try JSONDecoder().decode(Histogram.self, from: wrong))
    }
}
