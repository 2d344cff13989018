/// What a test's p value speaks of.
public enum Alternative: String, Sendable, CaseIterable {
  case twoSided = "two-sided"
  /// The first is larger.
  case greater
  /// The first is smaller.
  case less

  /// The p value of a standard normal `z` that grows with the first.
  func normalP(_ z: Double) -> Double {
    switch self {
    case .twoSided: min(1, 2 * SpecialFunctions.normalTail(abs(z)))
    case .greater: SpecialFunctions.normalTail(z)
    case .less: SpecialFunctions.normalTail(-z)
    }
  }
}

extension Proportion {
  /// The z test of two proportions, statsmodels' `proportions_ztest`.
  /// - Parameter pooled: estimate the spread from both groups together, as under no difference; else from each by itself.
  /// - Returns: NaN where the spread is 0: both proportions 0 or 1.
  public static func zTest(
    successes: (Int, Int), trials: (Int, Int), pooled: Bool = true, _ alternative: Alternative = .twoSided
  ) throws(MetricError) -> TestResult {
    guard trials.0 > 0, trials.1 > 0 else { throw .empty("trials") }
    guard (0...trials.0).contains(successes.0), (0...trials.1).contains(successes.1) else {
      throw .outOfRange("successes", index: (0...trials.0).contains(successes.0) ? 1 : 0, expected: "a count up to the number of trials")
    }
    let (n, m) = (Double(trials.0), Double(trials.1))
    let (p, q) = (Double(successes.0) / n, Double(successes.1) / m)
    let all = Double(successes.0 + successes.1) / (n + m)
    let variance = pooled ? all * (1 - all) * (1 / n + 1 / m) : p * (1 - p) / n + q * (1 - q) / m
    guard variance > 0 else { return TestResult(statistic: .nan, p: .nan) }
    let z = (p - q) / variance.squareRoot()
    return TestResult(statistic: z, p: alternative.normalP(z))
  }
}
