/// How often each true label met each predicted label: everything that the single-label scores need, in memory that
/// depends on the number of classes and not of items.
///
/// ```swift
/// var confusion = ConfusionMatrix<String>()
/// for batch in batches { for (truth, prediction) in batch { confusion.add(true: truth, predicted: prediction) } }
/// let f1 = confusion.scores(.weighted).f1
/// ```
/// The classes are the sorted union of the labels seen on either side, as in scikit-learn; pass `labels:` to a score to
/// choose others. Strings sort by Unicode scalar, as in Python.
public struct ConfusionMatrix<Label: Hashable & Comparable & Sendable>: Sendable {
  struct Pair: Hashable, Sendable { var truth, prediction: Label }

  var cells: [Pair: Double] = [:]
  /// Sum of the weights of all items added; without weights, their number.
  public private(set) var total = 0.0

  public init() {}

  /// - Parameter weights: one non-negative weight per item; nil counts every item once.
  /// - Throws: `MetricError` when the arrays differ in length or are empty.
  public init(true truths: [Label], predicted: [Label], weights: [Double]? = nil) throws(MetricError) {
    try requireEqualCounts("true", truths.count, "predicted", predicted.count)
    if let weights { try requireEqualCounts("true", truths.count, "weights", weights.count) }
    for i in truths.indices { add(true: truths[i], predicted: predicted[i], weight: weights?[i] ?? 1) }
  }

  /// Counts one item.
  public mutating func add(true truth: Label, predicted prediction: Label, weight: Double = 1) {
    cells[Pair(truth: truth, prediction: prediction), default: 0] += weight
    total += weight
  }

  /// Adds the counts of another part of the same data set.
  public mutating func merge(_ other: ConfusionMatrix) {
    for (pair, weight) in other.cells { cells[pair, default: 0] += weight }
    total += other.total
  }

  /// The sorted union of the true and the predicted labels.
  public var labels: [Label] { Set(cells.keys.lazy.flatMap { [$0.truth, $0.prediction] }).sorted(by: Self.precedes) }

  /// Row = true label, column = predicted label, in the order of `labels` (default: all). Items with a label outside
  /// `labels` on either side are left out.
  public func matrix(labels: [Label]? = nil) -> [[Double]] {
    let labels = labels ?? self.labels
    return labels.map { truth in labels.map { cells[Pair(truth: truth, prediction: $0)] ?? 0 } }
  }

  /// `matrix` with each row divided by its sum (the recall is on the diagonal); rows without items stay 0.
  public func matrixOverTrue(labels: [Label]? = nil) -> [[Double]] {
    matrix(labels: labels).map { row in
      let sum = row.reduce(0, +)
      return row.map { sum > 0 ? $0 / sum : 0 }
    }
  }

  /// Per label, how often it was right, predicted and true, over *all* items, also those whose other side is not in `labels`.
  public func counts(labels: [Label]? = nil) -> [ClassCounts] {
    let labels = labels ?? self.labels
    let position = Dictionary(labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var counts = labels.map { _ in ClassCounts() }
    for label in self.labels {  // in sorted order, so that sums of weights do not depend on the hash seed
      for other in self.labels {
        guard let weight = cells[Pair(truth: label, prediction: other)] else { continue }
        if let row = position[label] { counts[row].actual += weight }
        if let column = position[other] { counts[column].predicted += weight }
        if label == other, let row = position[label] { counts[row].truePositives += weight }
      }
    }
    return counts
  }

  static func precedes(_ a: Label, _ b: Label) -> Bool {
    if let a = a as? String, let b = b as? String { return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars) }
    return a < b
  }
}
