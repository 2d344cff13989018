import Glibc

/// How two lists of numbers move together, as scipy computes it.
public enum Correlation: String, Sendable, CaseIterable {
  /// Of the values.
  case pearson
  /// Of the ranks.
  case spearman
  /// τ-b: pairs in the same order less pairs in the opposite order, with ties on either side accounted for.
  case kendall

  /// The coefficient, in −1...1; NaN when one side is constant.
  /// - Throws: `MetricError` for lists of different lengths, or empty ones.
  public func coefficient(_ x: [Double], _ y: [Double]) throws(MetricError) -> Double {
    try requireEqualCounts("x", x.count, "y", y.count)
    switch self {
    case .pearson: return Self.linear(x, y)
    case .spearman: return Self.linear(Ranks(x).values, Ranks(y).values)
    case .kendall: return KendallCounts(x, y).tau
    }
  }

  /// The coefficient, and the two-sided p value that it is 0: Student's t for Pearson and Spearman; for Kendall exact without ties up
  /// to 33 items (or next to perfect order), else normal.
  public func test(_ x: [Double], _ y: [Double]) throws(MetricError) -> TestResult {
    let value = try coefficient(x, y)
    if self == .kendall { return TestResult(statistic: value, p: KendallCounts(x, y).p) }
    let df = Double(x.count) - 2
    guard df > 0, !value.isNaN else { return TestResult(statistic: value, p: x.count == 2 && !value.isNaN ? 1 : .nan) }
    let t = abs(value) * (df / ((1 - value) * (1 + value))).squareRoot()
    return TestResult(statistic: value, p: abs(value) >= 1 ? 0 : 2 * SpecialFunctions.studentTail(t, df: df))
  }

  /// The percentile bootstrap interval over the items.
  public func interval(_ x: [Double], _ y: [Double], _ bootstrap: Bootstrap) throws(MetricError) -> ClosedRange<Double> {
    try requireEqualCounts("x", x.count, "y", y.count)
    return try bootstrap.interval(itemCount: x.count) { items in
      (try? coefficient(items.map { x[$0] }, items.map { y[$0] })) ?? .nan
    }
  }

  private static func linear(_ x: [Double], _ y: [Double]) -> Double {
    let n = Double(x.count)
    let (mx, my) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for i in x.indices {
      xx += (x[i] - mx) * (x[i] - mx)
      yy += (y[i] - my) * (y[i] - my)
      xy += (x[i] - mx) * (y[i] - my)
    }
    return xx == 0 || yy == 0 ? .nan : max(-1, min(1, xy / xx.squareRoot() / yy.squareRoot()))
  }
}

/// How far two lists of numbers are apart.
public enum Deviation {
  /// Lin's concordance: Pearson's correlation, less what differs in mean and spread. 1 only for equal lists.
  public static func concordance(_ x: [Double], _ y: [Double]) throws(MetricError) -> Double {
    let (mx, my) = (try mean(x, y), try mean(y, x))
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for i in x.indices {
      xx += (x[i] - mx) * (x[i] - mx)
      yy += (y[i] - my) * (y[i] - my)
      xy += (x[i] - mx) * (y[i] - my)
    }
    return 2 * xy / (xx + yy + Double(x.count) * (mx - my) * (mx - my))
  }

  /// Mean of |x − y|.
  public static func meanAbsolute(_ x: [Double], _ y: [Double]) throws(MetricError) -> Double {
    try requireEqualCounts("x", x.count, "y", y.count)
    return zip(x, y).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(x.count)
  }

  /// √ mean of (x − y)².
  public static func rootMeanSquare(_ x: [Double], _ y: [Double]) throws(MetricError) -> Double {
    try requireEqualCounts("x", x.count, "y", y.count)
    return (zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(x.count)).squareRoot()
  }

  /// R²: the share of the spread of `truths` that `predictions` explain; negative when their mean explains more.
  public static func determination(true truths: [Double], predicted: [Double]) throws(MetricError) -> Double {
    let mean = try mean(truths, predicted)
    let residual = zip(truths, predicted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return 1 - residual / truths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }

  private static func mean(_ x: [Double], _ y: [Double]) throws(MetricError) -> Double {
    try requireEqualCounts("x", x.count, "y", y.count)
    return x.reduce(0, +) / Double(x.count)
  }
}
