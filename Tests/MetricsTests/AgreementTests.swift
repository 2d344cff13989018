import Files
@testable import Metrics
import TestSupport
import Testing

@Suite struct AgreementTests {
  static let file = golden("d_metrics/agreement.json")

  @Test func kappasOfManyRatersEqualStatsmodels() throws {
    for item in Self.file["fleiss"]!.array! {
      let counts = item["table"]!.array!.map(\.ints)
      expectClose(try Agreement.fleissKappa(counts: counts), item["expected"]!["fleiss"], "Fleiss")
      if let expected = item["expected"]!["randolph"] { expectClose(try Agreement.randolphKappa(counts: counts), expected, "Randolph") }
      if let ratings = item["ratings"] { #expect(Agreement.counts(ratings.array!.map(\.ints)) == counts) }
    }
    #expect(throws: MetricError.self) { try Agreement.fleissKappa(counts: [[2, 1], [1, 1]]) }
    #expect(throws: MetricError.empty("counts")) { try Agreement.fleissKappa(counts: []) }
  }

  @Test func alphaEqualsTheKrippendorffPackage() throws {
    for item in Self.file["krippendorff"]!.array! {
      let raters = item["reliability_data"]!.table
      let items = raters[0].indices.map { unit in raters.map { $0[unit].isNaN ? nil : $0[unit] } }
      for scale in Krippendorff.Scale.allCases { expectClose(try Krippendorff.alpha(items, scale), item["expected"]![scale.rawValue], "\(scale)") }
    }
    #expect(try Krippendorff.alpha([[1, 1], [1, nil], [1, 1]], .nominal).isNaN)
    #expect(throws: MetricError.self) { try Krippendorff.alpha([[1, nil], [nil, 2]], .interval) }
  }

  @Test func correlationsEqualScipy() throws {
    for item in Self.file["correlation"]!.array! {
      let (x, y, expected) = (item["x"]!.numbers, item["y"]!.numbers, item["expected"]!)
      for (kind, key) in [(Correlation.pearson, "pearson"), (.spearman, "spearman"), (.kendall, "kendall_tau_b")] {
        let result = try kind.test(x, y)
        expectClose([result.statistic, result.p], expected[key], key)
        let interval = try kind.interval(x, y, Bootstrap(resamples: 300, seed: 1))
        #expect(interval.contains(result.statistic) && interval.lowerBound > -1 && interval.upperBound < 1, "\(key)")
      }
      expectClose(try Deviation.concordance(x, y), expected["ccc"], "concordance")
      expectClose(try Deviation.meanAbsolute(x, y), expected["mae"], "mean absolute")
      expectClose(try Deviation.rootMeanSquare(x, y), expected["rmse"], "root mean square")
      expectClose(try Deviation.determination(true: x, predicted: y), expected["r2"], "R²")
    }
  }

  @Test func constantListsHaveNoCorrelation() throws {
    for kind in Correlation.allCases {
      let result = try kind.test([1, 1, 1], [1, 2, 3])
      #expect(result.statistic.isNaN && result.p.isNaN, "\(kind)")
      let (same, opposite) = (try kind.coefficient([1, 2, 3, 4], [2, 4, 6, 8]), try kind.coefficient([1, 2, 3, 4], [8, 6, 4, 2]))
      #expect(same == 1 && opposite == -1)
      #expect(throws: MetricError.lengthsDiffer("x", 1, "y", 2)) { try kind.coefficient([1], [1, 2]) }
    }
  }

  /// Tables of τ: 120 orders of five items, of which those with at most k inversions number 1, 5, 14, 29.
  @Test(arguments: zip([[1.0, 2, 3, 4, 5], [1, 2, 3, 5, 4], [4, 5, 3, 2, 1], [1, 5, 2, 3, 4]], [2.0, 10, 10, 58]))
  func kendallIsExactForFewItems(order: [Double], extreme: Double) throws {
    let p = try Correlation.kendall.test([1, 2, 3, 4, 5], order).p
    #expect(abs(p - extreme / 120) < 1e-15)
  }
}
