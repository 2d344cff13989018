import Files
@testable import Metrics
import TestSupport
import Testing

/// Tests of two groups, of tables and of many hypotheses, against scipy and statsmodels.
@Suite struct GroupTests {
  static let file = golden("d_metrics/statistics.json")

  @Test func proportionsEqualStatsmodels() throws {
    for item in Self.file["two_proportion_z"]!.array! {
      let (count, trials, expected) = (item["count"]!.ints, item["nobs"]!.ints, item["expected"]!)
      func check(_ key: String, _ pooled: Bool, _ alternative: Alternative) throws {
        let result = try Proportion.zTest(successes: (count[0], count[1]), trials: (trials[0], trials[1]), pooled: pooled, alternative)
        if expected[key]?["error"] != nil { return #expect(result.statistic.isNaN && result.p.isNaN) }
        expectClose([result.statistic, result.p], expected[key], "\(key) of \(count)")
      }
      try check("two-sided", true, .twoSided)
      try check("larger", true, .greater)
      try check("smaller", true, .less)
      try check("unpooled_two_sided", false, .twoSided)
      let wald = try Proportion.wald(successes: count[0], trials: trials[0])
      expectClose([wald.lowerBound, wald.upperBound], expected["normal_ci_a"], "Wald")
      let exact = try Proportion.clopperPearson(successes: count[0], trials: trials[0])
      expectClose([exact.lowerBound, exact.upperBound], expected["clopper_pearson_ci_a"], "Clopper-Pearson")
    }
    #expect(try Proportion.zTest(successes: (0, 0), trials: (5, 6)).p.isNaN)
  }

  @Test func mannWhitneyEqualsScipy() throws {
    for item in Self.file["mannwhitney"]!.array! {
      let (x, y) = (item["x"]!.numbers, item["y"]!.numbers)
      var keys = Set(item["expected"]!.object!.keys)
      for alternative in Alternative.allCases {
        for (suffix, form) in [("asymptotic/cc", TwoSampleTests.MannWhitney.normal(continuity: true)), ("asymptotic", .normal(continuity: false)), ("exact", .exact)] {
          let key = "\(alternative.rawValue)/\(suffix)"
          guard let expected = item["expected"]![key] else { continue }
          let result = try TwoSampleTests.mannWhitney(x, y, form, alternative)
          expectClose([result.statistic, result.p], expected, key)
          expectClose(TwoSampleTests.rankBiserial(u: result.statistic, x.count, y.count), item["expected"]!["rank_biserial"], "rank-biserial")
          keys.remove(key)
        }
      }
      #expect(keys == ["rank_biserial"])
    }
    #expect(throws: MetricError.self) { try TwoSampleTests.mannWhitney([1, 1], [1, 2], .exact) }
  }

  @Test func wilcoxonEqualsScipy() throws {
    for item in Self.file["paired"]!.array! {
      for (key, form) in [("wilcoxon_exact", PairedTests.Wilcoxon.exact), ("wilcoxon_approx", .normal(continuity: false)), ("wilcoxon_approx_cc", .normal(continuity: true))] {
        let result = try PairedTests.wilcoxon(item["x"]!.numbers, item["y"]!.numbers, form)
        expectClose([result.statistic, result.p], item["expected"]![key], key)
      }
    }
    #expect(throws: MetricError.self) { try PairedTests.wilcoxon([1, 2], [1, 2], .exact) }
  }

  @Test func permutationsEqualScipy() throws {
    for item in Self.file["permutation_two_sample"]!.array! {
      let (test, expected) = (try PermutationTest(exact: item["x"]!.numbers, item["y"]!.numbers), item["expected"]!)
      expectClose([test.observed, test.twoSidedP, test.greaterP, test.lessP], .array(["observed", "p_two_sided", "p_greater", "p_less"].map { expected[$0]! }), "permutations")
      #expect(test.count == expected["n_permutations"]!.int!)
    }
    let item = Self.file["permutation_given"]!
    let (x, y) = (item["x"]!.numbers, item["y"]!.numbers)
    expectClose(try PermutationTest(x, y, orders: item["permutations"]!.array!.map(\.ints)).twoSidedP, item["expected"]!["p"], "given permutations")
    #expect(throws: MetricError.self) { try PermutationTest([1], [2], orders: [[0, 0]]) }
    #expect(throws: MetricError.self) { try PermutationTest(exact: Array(repeating: 1, count: 20), Array(repeating: 2, count: 20)) }
  }

  @Test func tTestsEqualScipy() throws {
    for item in Self.file["welch_t"]!.array! {
      let (x, y, expected) = (item["x"]!.numbers, item["y"]!.numbers, item["expected"]!)
      let (welch, student) = (try TwoSampleTests.welch(x, y), try TwoSampleTests.student(x, y))
      expectClose([welch.statistic, welch.p], expected["welch"], "Welch")
      expectClose([student.statistic, student.p], expected["student"], "Student")
      expectClose(try TwoSampleTests.cohenD(x, y), expected["cohens_d"], "Cohen's d")
    }
    #expect(try TwoSampleTests.welch([1, 1], [2, 2]).p.isNaN)
  }

  @Test func tablesEqualScipy() throws {
    for item in Self.file["contingency"]!.array! {
      let table = item["table"]!.array!.map(\.ints)
      for (key, isCorrected) in [("chi2", false), ("chi2_yates", true)] {
        let (test, df) = try Contingency.chiSquare(table, corrected: isCorrected)
        expectClose([test.statistic, test.p, Double(df)], item["expected"]![key], "\(key) of \(table)")
      }
      guard let expected = item["expected"]!["fisher_two_sided"] else { continue }
      let fisher = Contingency.fisher(table[0][0], table[0][1], table[1][0], table[1][1])
      expectClose([fisher.statistic, fisher.p], expected, "Fisher of \(table)")
    }
    #expect(throws: MetricError.self) { try Contingency.chiSquare([[0, 0], [1, 2]]) }
    #expect(throws: MetricError.self) { try Contingency.chiSquare([[1, 0], [1]]) }
  }

  @Test func adjustedPValuesEqualStatsmodels() throws {
    for item in Self.file["multiple_testing"]!.array! {
      var keys = Set(item["expected"]!.object!.keys)
      for method in MultipleTesting.allCases {
        let (adjusted, expected) = (try method.adjusted(item["pvalues"]!.numbers), item["expected"]![method.rawValue]!)
        expectClose(adjusted, expected["adjusted"], "\(method)")
        #expect(adjusted.map { $0 <= item["alpha"]!.number } == expected["reject"]!.array!.map { $0.bool! }, "\(method)")
        keys.remove(method.rawValue)
      }
      #expect(keys.isEmpty)
    }
    let some = try MultipleTesting.bonferroni.adjusted([0.01, .nan, 0.4])
    #expect(some[0] == 0.03 && some[1].isNaN && some[2] == 1)
    #expect(try MultipleTesting.holm.adjusted([0.01, .nan, 0.04])[0] == 0.02)
    #expect(throws: MetricError.self) { try MultipleTesting.holm.adjusted([1.5]) }
  }
}
