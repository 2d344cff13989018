import Files
@testable import Metrics
import TestSupport
import Testing

@Suite struct StatisticsTests {
  static let reference = golden("metrics/reference.json")
  static let statistics = golden("d_metrics/statistics.json")

  @Test func distributionsEqualScipy() {
    for row in Self.reference["t_quantiles"]!.table {
      expectClose(SpecialFunctions.studentQuantile(row[0], df: row[1]), .number(row[2]), "t quantile \(row)", tolerance: 1e-10)
    }
    for row in Self.reference["t_tails"]!.table { expectClose(SpecialFunctions.studentTail(row[0], df: row[1]), .number(row[2]), "t tail \(row)") }
    for row in Self.reference["normal_quantiles"]!.table { expectClose(SpecialFunctions.normalQuantile(row[0]), .number(row[1]), "normal quantile \(row)") }
    for row in Self.reference["binomial"]!.table {
      expectClose(SpecialFunctions.binomialBelow(Int(row[0]), Int(row[1]), 0.5), .number(row[2]), "binomial \(row)")
    }
  }

  @Test func seedSummariesEqualScipy() throws {
    for item in Self.reference["seeds"]!.array! {
      let summary = try SeedSummary(item["values"]!.numbers, confidence: item["confidence"]!.number)
      expectClose(summary.mean, item["mean"], "mean")
      expectClose(summary.standardDeviation, item["std"], "standard deviation")
      expectClose(summary.lower, item["lower"], "lower", tolerance: 1e-10)
      expectClose(summary.upper, item["upper"], "upper", tolerance: 1e-10)
    }
  }

  @Test func oneSeedHasAMeanAndNoInterval() throws {
    let summary = try SeedSummary([0.9])
    #expect(summary.mean == 0.9 && summary.standardDeviation.isNaN && summary.lower.isNaN && summary.upper.isNaN)
    #expect(throws: MetricError.empty("values")) { try SeedSummary([]) }
  }

  @Test func mcNemarEqualsStatsmodels() {
    for item in Self.statistics["mcnemar"]!.array! {
      let table = item["table"]!.array!.map(\.ints)
      for (key, form) in [("exact", PairedTests.McNemar.exact), ("chi2_corrected", .corrected), ("chi2", .uncorrected)] {
        let result = PairedTests.mcNemar(onlyFirst: table[0][1], onlySecond: table[1][0], form)
        expectClose([result.statistic, result.p], item["expected"]![key], "\(key) of \(table)")
      }
    }
  }

  @Test func pairedTEqualsScipy() throws {
    for item in Self.statistics["paired"]!.array! {
      let result = try PairedTests.t(item["y"]!.numbers, item["x"]!.numbers)  // the golden statistic is of y − x
      expectClose([result.statistic, result.p], item["expected"]!["ttest_rel"], "paired t")
    }
  }

  @Test func wilsonIntervalEqualsStatsmodels() throws {
    for item in Self.statistics["two_proportion_z"]!.array! {
      guard let expected = item["expected"]!["wilson_ci_a"] else { continue }
      let interval = try Proportion.wilson(successes: item["count"]!.ints[0], trials: item["nobs"]!.ints[0])
      expectClose([interval.lowerBound, interval.upperBound], expected, "wilson")
    }
    #expect(throws: MetricError.empty("trials")) { try Proportion.wilson(successes: 0, trials: 0) }
  }

  @Test func pairedListsGiveTheCountsOfTheTable() throws {
    let first = [true, true, true, false, false]
    let second = [true, false, false, true, false]
    #expect(try PairedTests.mcNemar(first: first, second: second) == PairedTests.mcNemar(onlyFirst: 2, onlySecond: 1))
  }

  @Test func quantilesInterpolateAsNumpyDoes() {
    // numpy.percentile([1, 2, 4, 8], [0, 2.5, 50, 97.5, 100])
    for (p, value) in [(0.0, 1.0), (0.025, 1.075), (0.5, 3), (0.975, 7.7), (1, 8)] {
      #expect(abs(quantile([1, 2, 4, 8], p) - value) < 1e-14)
    }
  }

  @Test func bootstrapOfAMeanAgreesWithTheNormalInterval() throws {
    let values = (0..<400).map { Double($0 % 20) }  // mean 9.5, variance 33.25
    func mean(_ items: [Int]) -> Double { items.reduce(0) { $0 + values[$1] } / Double(items.count) }
    let bootstrap = Bootstrap(resamples: 4000, seed: 1)
    let interval = try bootstrap.interval(itemCount: 400, mean)
    let half = 1.959964 * (33.25 / 400).squareRoot()
    #expect(abs(interval.lowerBound - (9.5 - half)) < 0.05 && abs(interval.upperBound - (9.5 + half)) < 0.05)
    #expect(try bootstrap.interval(itemCount: 400, mean) == interval, "the same seed draws the same items")
    #expect(try Bootstrap(resamples: 4000, seed: 2).interval(itemCount: 400, mean) != interval)
  }

  @Test func pairedBootstrapSeesASmallConstantAdvantageThatIntervalsOfEachMiss() throws {
    let hard = (0..<200).map { Double(($0 * 7919) % 100) }
    func mean(_ shift: Double) -> ([Int]) -> Double { { items in items.reduce(0) { $0 + hard[$1] + shift } / Double(items.count) } }
    let result = try Bootstrap(resamples: 500, seed: 3).difference(itemCount: 200, first: mean(0.5), second: mean(0))
    #expect(abs(result.interval.lowerBound - 0.5) < 1e-9 && abs(result.interval.upperBound - 0.5) < 1e-9)
    #expect(result.p == 2.0 / 501)
    let none = try Bootstrap(resamples: 500, seed: 3).difference(itemCount: 200, first: mean(0), second: mean(0))
    #expect(none.p == 1)
  }
}
