extension PairedTests {
  /// The null distribution of Wilcoxon's test.
  public enum Wilcoxon: Sendable {
    /// All signs; without ties among the differences only.
    case exact
    /// Normal, with the ties accounted for.
    case normal(continuity: Bool)
  }

  /// Wilcoxon's signed-rank test, two-sided. Pairs without a difference are left out; the statistic is the smaller sum of ranks.
  /// - Throws: `MetricError` for lists of different lengths, empty ones, no pair that differs, or ties with `.exact`.
  public static func wilcoxon(_ first: [Double], _ second: [Double], _ form: Wilcoxon) throws(MetricError) -> TestResult {
    try requireEqualCounts("first", first.count, "second", second.count)
    let differences = zip(first, second).map { $0 - $1 }.filter { $0 != 0 }
    guard !differences.isEmpty else { throw .undefined("no pair differs, so there are no signs to rank") }
    let ranks = Ranks(differences.map { abs($0) })
    let n = Double(differences.count)
    let positive = zip(differences, ranks.values).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    let smaller = min(positive, n * (n + 1) / 2 - positive)
    switch form {
    case .exact:
      guard ranks.tieSum == 0 else { throw .undefined("the exact Wilcoxon test knows no ties; use the normal form") }
      return TestResult(statistic: smaller, p: min(1, 2 * signs(differences.count, atMost: Int(smaller))))
    case .normal(let continuity):
      let deviation = ((n * (n + 1) * (2 * n + 1) - ranks.tieSum / 2) / 24).squareRoot()
      let distance = abs(positive - n * (n + 1) / 4)
      return TestResult(statistic: smaller, p: Alternative.twoSided.normalP(max(0, distance - (continuity ? 0.5 : 0)) / deviation))
    }
  }

  /// The share of the 2ⁿ signs whose positive ranks sum to at most `most`.
  private static func signs(_ n: Int, atMost most: Int) -> Double {
    var shares = [1.0] + Array(repeating: 0, count: most)
    for rank in 1...n {
      for sum in stride(from: most, through: 0, by: -1) {
        shares[sum] = (shares[sum] + (sum >= rank ? shares[sum - rank] : 0)) / 2
      }
    }
    return shares.reduce(0, +)
  }
}
