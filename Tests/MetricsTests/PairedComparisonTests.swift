import Files
@testable import Metrics
import TestSupport
import Testing

@Suite struct PairedComparisonTests {
  @Test func randomisationEqualsScipyWhereEveryExchangeIsLookedAt() {
    for item in golden("d_metrics/statistics.json")["paired"]!.array! {
      guard let expected = item["expected"]!["signflip_exact_two_sided"] else { continue }
      let differences = zip(item["x"]!.numbers, item["y"]!.numbers).map { $0 - $1 }
      let exact = PairedComparison.randomisation(differences, exchanges: 1 << 14, seed: 1)
      #expect(exact.isExact)
      expectClose(exact.p, expected, "sign flips")
      // Sampled, it is the same up to sampling: four standard errors.
      let sampled = PairedComparison.randomisation(differences, exchanges: 900, seed: 7)
      #expect(!sampled.isExact && abs(sampled.p - exact.p) < 4 * (exact.p * (1 - exact.p) / 900).squareRoot() + 0.002)
      #expect(PairedComparison.randomisation(differences, exchanges: 900, seed: 7).p == sampled.p, "the same seed, the same p")
    }
  }

  @Test func rowsThatDoNotDifferDoNotCount() {
    // Two rows differ: of the four exchanges, two are as extreme.
    #expect(PairedComparison.randomisation([1, 0, 0, 1, 0], seed: 1) == (0.5, true))
    #expect(PairedComparison.randomisation([0, 0], seed: 1) == (1, true))
  }

  @Test func aStatisticOfAllRowsIsExchangedRowByRow() throws {
    let (first, second) = ([3.0, 5, 4, 6], [1.0, 2, 3, 2])
    func difference(_ isExchanged: [Bool]) -> Double {
      isExchanged.indices.reduce(0) { $0 + (isExchanged[$1] ? second[$1] - first[$1] : first[$1] - second[$1]) }
    }
    let whole = try PairedComparison.randomisation(itemCount: 4, seed: 1, difference: difference)
    #expect(whole == PairedComparison.randomisation(zip(first, second).map { $0 - $1 }, seed: 1) && whole == (2.0 / 16, true))
    #expect(throws: MetricError.empty("items")) { try PairedComparison.randomisation(itemCount: 0, seed: 1) { _ in 0 } }
  }

  @Test func comparisonHoldsDifferenceIntervalAndBothTests() throws {
    let hard = (0..<60).map { Double(($0 * 37) % 60) / 60 }
    let first = hard.map { $0 + 0.1 }
    let second = hard.indices.map { row in hard[row] + (row % 2 == 0 ? 0.05 : -0.05) }
    let comparison = try PairedComparison(first, second, bootstrap: Bootstrap(resamples: 500, seed: 3), exchanges: 999)
    #expect(abs(comparison.difference - 0.1) < 1e-12 && comparison.interval.contains(0.1) && !comparison.interval.contains(0))
    #expect(comparison.randomisationP == 1.0 / 1000 && !comparison.isExact && comparison.bootstrapP < 0.01)
    #expect(throws: MetricError.self) { try PairedComparison([.nan], [1], bootstrap: Bootstrap(seed: 1)) }
  }
}
