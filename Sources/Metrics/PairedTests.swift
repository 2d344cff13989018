/// A statistic and its two-sided p value.
public struct TestResult: Hashable, Sendable {
  public var statistic, p: Double

  public init(statistic: Double, p: Double) { (self.statistic, self.p) = (statistic, p) }
}

/// Tests of two models on the *same* items or seeds: pairing removes the difficulty of the items from the comparison.
public enum PairedTests {
  /// Which null distribution McNemar's test uses.
  public enum McNemar: Sendable {
    /// Binomial, exact for every count; the statistic is the smaller of the two disagreements.
    case exact
    /// χ² with one degree of freedom, (|b − c| − 1)² / (b + c).
    case corrected
    /// χ² without the continuity correction, (b − c)² / (b + c).
    case uncorrected
  }

  /// McNemar's test from the items that only one of two models got right.
  ///
  /// Without any disagreement the exact p is 1; the χ² forms divide by 0 as statsmodels does (p 0 corrected, NaN uncorrected): use the exact one.
  public static func mcNemar(onlyFirst b: Int, onlySecond c: Int, _ form: McNemar = .exact) -> TestResult {
    precondition(b >= 0 && c >= 0, "counts of items are not negative")
    let (sum, difference) = (Double(b + c), Double(abs(b - c)))
    switch form {
    case .exact:
      let p = 2 * SpecialFunctions.binomialBelow(min(b, c), b + c, 0.5)
      return TestResult(statistic: Double(min(b, c)), p: min(1, p))
    case .corrected:
      let statistic = (difference - 1) * (difference - 1) / sum
      return TestResult(statistic: statistic, p: SpecialFunctions.chiSquareTail(statistic))
    case .uncorrected:
      let statistic = difference * difference / sum
      return TestResult(statistic: statistic, p: SpecialFunctions.chiSquareTail(statistic))
    }
  }

  /// McNemar's test of two lists that say, item by item, whether each model was right.
  public static func mcNemar(first: [Bool], second: [Bool], _ form: McNemar = .exact) throws(MetricError) -> TestResult {
    try requireEqualCounts("first", first.count, "second", second.count)
    let pairs = zip(first, second)
    return mcNemar(onlyFirst: pairs.count { $0 && !$1 }, onlySecond: pairs.count { !$0 && $1 }, form)
  }

  /// Student's paired t test, of scores that come in pairs (one per seed); NaN for one pair or no spread at zero difference.
  public static func t(_ first: [Double], _ second: [Double]) throws(MetricError) -> TestResult {
    try requireEqualCounts("first", first.count, "second", second.count)
    let n = Double(first.count)
    let differences = zip(first, second).map { $0 - $1 }
    let mean = differences.reduce(0, +) / n
    let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    let statistic = mean / (variance / n).squareRoot()
    return TestResult(statistic: statistic, p: 2 * SpecialFunctions.studentTail(abs(statistic), df: n - 1))
  }
}
