import Glibc

/// Scores of predicted class probabilities, one row per item, one column per class.
public enum ProbabilityScores {
  /// Mean of −ln p(true class). Probabilities are clipped to [2⁻⁵², 1 − 2⁻⁵²], as scikit-learn does for float64.
  public static func logLoss(true truths: [Int], probabilities: [[Double]]) throws(MetricError) -> Double {
    _ = try checkProbabilities(truths, probabilities)
    var sum = 0.0
    for (truth, row) in zip(truths, probabilities) { sum -= log(min(max(row[truth], .ulpOfOne), 1 - .ulpOfOne)) }
    return sum / Double(truths.count)
  }

  /// Mean over the items of Σ_c (p_c − [c is true])²; in 0...2.
  public static func brier(true truths: [Int], probabilities: [[Double]]) throws(MetricError) -> Double {
    let classes = try checkProbabilities(truths, probabilities)
    var sum = 0.0
    for (truth, row) in zip(truths, probabilities) {
      for c in 0..<classes {
        let error = row[c] - (c == truth ? 1 : 0)
        sum += error * error
      }
    }
    return sum / Double(truths.count)
  }

  /// Binary log loss, of the probability of the positive class.
  public static func logLoss(true truths: [Bool], positive: [Double]) throws(MetricError) -> Double {
    try requireEqualCounts("true", truths.count, "positive", positive.count)
    return try logLoss(true: truths.map { $0 ? 1 : 0 }, probabilities: positive.map { [1 - $0, $0] })
  }

  /// Binary Brier score: mean of (p − [positive])², in 0...1, half of what the two-column form gives.
  public static func brier(true truths: [Bool], positive: [Double]) throws(MetricError) -> Double {
    try requireEqualCounts("true", truths.count, "positive", positive.count)
    return try brier(true: truths.map { $0 ? 1 : 0 }, probabilities: positive.map { [1 - $0, $0] }) / 2
  }

  /// The share of items whose true class is among the `k` most probable; of equally probable classes the higher index counts first.
  public static func topK(_ k: Int, true truths: [Int], probabilities: [[Double]]) throws(MetricError) -> Double {
    let classes = try checkProbabilities(truths, probabilities)
    let hits = zip(truths, probabilities).count { truth, row in
      (0..<classes).count { row[$0] > row[truth] || (row[$0] == row[truth] && $0 > truth) } < k
    }
    return Double(hits) / Double(truths.count)
  }
}

/// Checks rows of equal width, values in 0...1 and labels inside; returns the number of classes.
func checkProbabilities(_ truths: [Int], _ probabilities: [[Double]]) throws(MetricError) -> Int {
  try requireEqualCounts("true", truths.count, "probabilities", probabilities.count)
  let classes = probabilities[0].count
  for (i, row) in probabilities.enumerated() {
    guard row.count == classes else { throw .lengthsDiffer("probabilities[\(i)]", row.count, "probabilities[0]", classes) }
    guard row.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { throw .outOfRange("probabilities", index: i, expected: "numbers in 0...1") }
    guard truths[i] >= 0 && truths[i] < classes else { throw .outOfRange("true", index: i, expected: "a class in 0..<\(classes)") }
  }
  return classes
}
