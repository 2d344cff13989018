import Glibc

/// One number that divides the logits so that the probabilities mean what they say (Guo et al. 2017). It moves no argmax.
public struct TemperatureScaling: Hashable, Sendable {
  /// Above 1 softens over-confident predictions, below 1 sharpens.
  public var temperature: Double
  /// Mean negative log likelihood at temperature 1 and at `temperature`, on the items it was fitted on.
  public var lossBefore, lossAfter: Double

  /// What `fit` searches. A validation set without an error has no finite optimum (sharper is always better), and one that is
  /// worse than chance has none either; the fit then stops at a bound.
  public static let bounds = 0.01...100.0

  /// Fits on held-out logits (never on the test set). The loss is convex in β = 1/T, so the root of its derivative is found by
  /// Newton's method inside a shrinking bracket, to float64 precision.
  /// - Parameter logits: one row per item, one column per class, finite.
  /// - Throws: `MetricError` for unequal lengths, empty input, a class out of range or a logit that is not finite.
  public static func fit(logits: [[Double]], true truths: [Int]) throws(MetricError) -> TemperatureScaling {
    try requireEqualCounts("logits", logits.count, "true", truths.count)
    let classes = logits[0].count
    for (i, row) in logits.enumerated() {
      guard row.count == classes else { throw .lengthsDiffer("logits[\(i)]", row.count, "logits[0]", classes) }
      guard row.allSatisfy(\.isFinite) else { throw .outOfRange("logits", index: i, expected: "finite numbers") }
      guard truths[i] >= 0 && truths[i] < classes else { throw .outOfRange("true", index: i, expected: "a class in 0..<\(classes)") }
    }
    var (low, high) = (1 / bounds.upperBound, 1 / bounds.lowerBound)
    var beta = 1.0
    if derivatives(logits, truths, beta: low).slope >= 0 {
      beta = low
    } else if derivatives(logits, truths, beta: high).slope <= 0 {
      beta = high
    } else {
      for _ in 0..<200 {
        let (slope, curvature) = derivatives(logits, truths, beta: beta)
        if slope < 0 { low = beta } else { high = beta }
        let newton = beta - slope / curvature
        let next = newton > low && newton < high ? newton : (low + high) / 2
        if abs(next - beta) <= 1e-15 * beta || slope == 0 { break }
        beta = next
      }
    }
    return TemperatureScaling(
      temperature: 1 / beta, lossBefore: loss(logits, truths, beta: 1), lossAfter: loss(logits, truths, beta: beta))
  }

  /// Softmax of `logits / temperature`.
  public func probabilities(_ logits: [Double]) -> [Double] { softmax(logits, beta: 1 / temperature) }

  private static func loss(_ logits: [[Double]], _ truths: [Int], beta: Double) -> Double {
    var sum = 0.0
    for (row, truth) in zip(logits, truths) {
      let top = row.max()!
      sum += log(row.reduce(0) { $0 + exp(beta * ($1 - top)) }) - beta * (row[truth] - top)
    }
    return sum / Double(truths.count)
  }

  /// d/dβ: mean of E_p[z] − z_true. d²/dβ²: mean of Var_p[z], never negative.
  private static func derivatives(_ logits: [[Double]], _ truths: [Int], beta: Double) -> (slope: Double, curvature: Double) {
    var (slope, curvature) = (0.0, 0.0)
    for (row, truth) in zip(logits, truths) {
      let p = softmax(row, beta: beta)
      let mean = zip(p, row).reduce(0) { $0 + $1.0 * $1.1 }
      slope += mean - row[truth]
      curvature += zip(p, row).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
    }
    return (slope / Double(truths.count), curvature / Double(truths.count))
  }
}

/// exp(β z) / Σ exp(β z), without overflow.
func softmax(_ logits: [Double], beta: Double = 1) -> [Double] {
  let top = logits.max() ?? 0
  let powers = logits.map { exp(beta * ($0 - top)) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
