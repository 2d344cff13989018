/// Scores of multi-label predictions: every item has any number of `classCount` labels.
///
/// An accumulator like `ConfusionMatrix`: memory does not grow with the items.
public struct MultiLabelCounts: Sendable {
  public let classCount: Int
  public private(set) var itemCount = 0
  var counts: [ClassCounts]
  private var exact = 0
  private var wrongCells = 0
  // Sample averages need each item's own scores: sums of precision, recall and F over the items, and how often each was 0/0.
  private var sampleSums = [0.0, 0.0, 0.0]
  private var sampleUndefined = [0, 0, 0]

  public init(classCount: Int) {
    precondition(classCount > 0, "a multi-label problem needs at least one class")
    self.classCount = classCount
    counts = Array(repeating: ClassCounts(), count: classCount)
  }

  /// - Throws: `MetricError` when the arrays differ in length or are empty.
  public init(true truths: [[Bool]], predicted: [[Bool]]) throws(MetricError) {
    try requireEqualCounts("true", truths.count, "predicted", predicted.count)
    self.init(classCount: truths[0].count)
    for i in truths.indices { try add(true: truths[i], predicted: predicted[i]) }
  }

  /// Counts one item; both arrays have `classCount` elements.
  public mutating func add(true truth: [Bool], predicted: [Bool]) throws(MetricError) {
    try requireEqualCounts("true", truth.count, "predicted", predicted.count)
    try requireEqualCounts("true", truth.count, "classes", classCount)
    var sample = ClassCounts()
    for c in 0..<classCount {
      let both = truth[c] && predicted[c] ? 1.0 : 0
      counts[c].truePositives += both
      counts[c].predicted += predicted[c] ? 1 : 0
      counts[c].actual += truth[c] ? 1 : 0
      sample.truePositives += both
      sample.predicted += predicted[c] ? 1 : 0
      sample.actual += truth[c] ? 1 : 0
      wrongCells += truth[c] == predicted[c] ? 0 : 1
    }
    let scores = PrecisionRecallF(sample, beta: 1, zeroDivision: .excluded)
    for (k, value) in [scores.precision, scores.recall, scores.f].enumerated() {
      if value.isNaN { sampleUndefined[k] += 1 } else { sampleSums[k] += value }
    }
    exact += truth == predicted ? 1 : 0
    itemCount += 1
  }

  /// The share of items with every label right.
  public var subsetAccuracy: Double { Double(exact) / Double(itemCount) }

  /// The share of wrong item-label cells.
  public var hammingLoss: Double { Double(wrongCells) / Double(itemCount * classCount) }

  /// Averaged over the classes.
  public func scores(_ average: Average, zeroDivision: ZeroDivision = .zero) -> PrecisionRecallF {
    .average(counts, average, beta: 1, zeroDivision: zeroDivision)
  }

  /// One score per class.
  public func perClass(zeroDivision: ZeroDivision = .zero) -> [PrecisionRecallF] {
    counts.map { PrecisionRecallF($0, beta: 1, zeroDivision: zeroDivision) }
  }

  /// The mean of each item's own precision, recall and F (scikit-learn's `average="samples"`).
  public func sampleScores(zeroDivision: ZeroDivision = .zero) -> PrecisionRecallF {
    let means = (0..<3).map { k in
      zeroDivision == .excluded
        ? sampleSums[k] / Double(itemCount - sampleUndefined[k])
        : (sampleSums[k] + zeroDivision.value * Double(sampleUndefined[k])) / Double(itemCount)
    }
    return PrecisionRecallF(precision: means[0], recall: means[1], f: means[2], support: counts.reduce(0) { $0 + $1.actual })
  }

  /// Per class `[[tn, fp], [fn, tp]]`.
  public var confusionMatrices: [[[Double]]] {
    counts.map {
      let fp = $0.predicted - $0.truePositives
      let fn = $0.actual - $0.truePositives
      return [[Double(itemCount) - $0.truePositives - fp - fn, fp], [fn, $0.truePositives]]
    }
  }
}
