/// The mean of one score over several seeds, with its spread.
public struct SeedSummary: Hashable, Sendable {
  public var count: Int
  public var mean: Double
  /// Sample standard deviation (n − 1); NaN for one seed.
  public var standardDeviation: Double
  /// Student's t interval of the mean, mean ± t · s/√n; NaN bounds for one seed.
  public var lower, upper: Double

  /// - Parameter confidence: the interval's coverage, in 0..<1.
  /// - Throws: `MetricError` without values or with a value that is not finite.
  public init(_ values: [Double], confidence: Double = 0.95) throws(MetricError) {
    guard !values.isEmpty else { throw .empty("values") }
    if let bad = values.firstIndex(where: { !$0.isFinite }) { throw .outOfRange("values", index: bad, expected: "a finite number") }
    precondition(confidence > 0 && confidence < 1, "confidence \(confidence) is not between 0 and 1")
    count = values.count
    let mean = values.reduce(0, +) / Double(count)
    self.mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = count < 2 ? .nan : (squares / Double(count - 1)).squareRoot()
    let t = count < 2 ? .nan : SpecialFunctions.studentQuantile((1 + confidence) / 2, df: Double(count - 1))
    let half = t * standardDeviation / Double(count).squareRoot()
    (lower, upper) = (mean - half, mean + half)
  }
}

/// Intervals of one proportion.
public enum Proportion {
  /// Wilson's score interval of `successes` out of `trials`: stays inside 0...1 and behaves for small counts.
  public static func wilson(successes: Int, trials: Int, confidence: Double = 0.95) throws(MetricError) -> ClosedRange<Double> {
    try check(successes, trials, confidence)
    let z = SpecialFunctions.normalQuantile((1 + confidence) / 2)
    let (n, p) = (Double(trials), Double(successes) / Double(trials))
    let denominator = 1 + z * z / n
    let center = (p + z * z / (2 * n)) / denominator
    let half = z / denominator * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, center - half)...min(1, center + half)
  }

  /// The normal approximation, p ± z·√(p(1 − p)/n), cut to 0...1. Too narrow for small counts, and empty at 0 and n: prefer `wilson`.
  public static func wald(successes: Int, trials: Int, confidence: Double = 0.95) throws(MetricError) -> ClosedRange<Double> {
    try check(successes, trials, confidence)
    let p = Double(successes) / Double(trials)
    let half = SpecialFunctions.normalQuantile((1 + confidence) / 2) * (p * (1 - p) / Double(trials)).squareRoot()
    return max(0, p - half)...min(1, p + half)
  }

  /// Clopper and Pearson's exact interval: never covers less than `confidence`, often more.
  public static func clopperPearson(successes: Int, trials: Int, confidence: Double = 0.95) throws(MetricError) -> ClosedRange<Double> {
    try check(successes, trials, confidence)
    let (k, n, tail) = (Double(successes), Double(trials), (1 - confidence) / 2)
    let low = successes == 0 ? 0 : SpecialFunctions.betaQuantile(tail, k, n - k + 1)
    let high = successes == trials ? 1 : SpecialFunctions.betaQuantile(1 - tail, k + 1, n - k)
    return low...high
  }

  private static func check(_ successes: Int, _ trials: Int, _ confidence: Double) throws(MetricError) {
    guard trials > 0 else { throw .empty("trials") }
    guard (0...trials).contains(successes) else { throw .outOfRange("successes", index: 0, expected: "a count in 0...\(trials)") }
    precondition(confidence > 0 && confidence < 1, "confidence \(confidence) is not between 0 and 1")
  }
}
