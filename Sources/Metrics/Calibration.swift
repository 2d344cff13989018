/// Does a confidence of 0.8 come true 8 times in 10? Reliability bins and the errors computed from them.
///
/// An accumulator: feed it as predictions arrive. The bins are `(lo, hi]` of equal width over (0, 1], so a confidence of
/// exactly 0 falls in no bin, though it still counts in the number of items (Guo et al. 2017, and their published code).
public struct Calibration: Sendable {
  /// One bar of the reliability diagram.
  public struct Bin: Hashable, Sendable {
    public var lower, upper: Double
    public var count = 0
    var confidenceSum = 0.0
    var correctCount = 0
    /// Mean confidence of the bin's items; nil when it has none.
    public var confidence: Double? { count == 0 ? nil : confidenceSum / Double(count) }
    /// Share of the bin's items that are right; nil when it has none.
    public var accuracy: Double? { count == 0 ? nil : Double(correctCount) / Double(count) }
    var gap: Double { count == 0 ? 0 : abs(confidenceSum / Double(count) - Double(correctCount) / Double(count)) }
  }

  public private(set) var bins: [Bin]
  public private(set) var itemCount = 0

  public init(binCount: Int = 15) {
    precondition(binCount > 0, "calibration needs at least one bin")
    bins = (0..<binCount).map { Bin(lower: Double($0) / Double(binCount), upper: Double($0 + 1) / Double(binCount)) }
  }

  /// - Throws: `MetricError` for unequal lengths, empty input, or a confidence outside 0...1.
  public init(confidences: [Double], correct: [Bool], binCount: Int = 15) throws(MetricError) {
    try requireEqualCounts("confidences", confidences.count, "correct", correct.count)
    self.init(binCount: binCount)
    for (i, confidence) in confidences.enumerated() {
      guard confidence >= 0 && confidence <= 1 else { throw .outOfRange("confidences", index: i, expected: "a number in 0...1") }
      add(confidence: confidence, correct: correct[i])
    }
  }

  /// The confidence is the largest probability of a row, the prediction its first position.
  public init(true truths: [Int], probabilities: [[Double]], binCount: Int = 15) throws(MetricError) {
    let classes = try checkProbabilities(truths, probabilities)
    self.init(binCount: binCount)
    for (truth, row) in zip(truths, probabilities) {
      let best = (0..<classes).reduce(0) { row[$1] > row[$0] ? $1 : $0 }
      add(confidence: row[best], correct: best == truth)
    }
  }

  /// Counts one prediction; `confidence` in 0...1.
  public mutating func add(confidence: Double, correct: Bool) {
    itemCount += 1
    guard confidence > 0 else { return }
    // Rounding the product may land one bin off at an edge; the bounds decide.
    var k = min(bins.count - 1, Int(confidence * Double(bins.count)))
    if confidence <= bins[k].lower { k -= 1 } else if confidence > bins[k].upper { k += 1 }
    bins[k].count += 1
    bins[k].confidenceSum += confidence
    bins[k].correctCount += correct ? 1 : 0
  }

  /// ECE: Σ over bins of (share of the items) · |mean confidence − accuracy|.
  public var expectedError: Double { bins.reduce(0) { $0 + Double($1.count) / Double(itemCount) * $1.gap } }

  /// MCE: the largest |mean confidence − accuracy| of a bin.
  public var maximumError: Double { bins.map(\.gap).max() ?? 0 }
}
