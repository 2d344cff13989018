/// What one class did: the sufficient statistic of precision, recall, F and Jaccard. Weighted items make these fractional.
public struct ClassCounts: Hashable, Sendable {
  public var truePositives = 0.0
  /// True positives and false positives.
  public var predicted = 0.0
  /// True positives and false negatives: the support.
  public var actual = 0.0

  public init(truePositives: Double = 0, predicted: Double = 0, actual: Double = 0) {
    self.truePositives = truePositives
    self.predicted = predicted
    self.actual = actual
  }
}

/// How per-class scores become one number.
public enum Average: String, Sendable, CaseIterable {
  /// Counts are summed over the classes first.
  case micro
  /// The plain mean over the classes, also those that were only predicted.
  case macro
  /// The mean with the support as weight.
  case weighted
}

/// What 0/0 becomes (scikit-learn's `zero_division`).
public enum ZeroDivision: Double, Sendable {
  case zero = 0
  case one = 1
  /// NaN for the class, which then takes no part in a macro or weighted mean.
  case excluded = -1

  var value: Double { self == .excluded ? .nan : rawValue }

  func divide(_ numerator: Double, _ denominator: Double) -> Double {
    denominator == 0 ? value : numerator / denominator
  }
}

/// Precision, recall and F of one class or of an average.
public struct PrecisionRecallF: Hashable, Sendable {
  /// tp / (tp + fp)
  public var precision: Double
  /// tp / (tp + fn)
  public var recall: Double
  /// (1 + β²) tp / ((1 + β²) tp + β² fn + fp); F1 unless another β was asked for.
  public var f: Double
  /// tp + fn
  public var support: Double
  /// `f`, for the usual β = 1.
  public var f1: Double { f }

  init(_ counts: ClassCounts, beta: Double, zeroDivision: ZeroDivision) {
    let squared = beta * beta
    precision = zeroDivision.divide(counts.truePositives, counts.predicted)
    recall = zeroDivision.divide(counts.truePositives, counts.actual)
    f = zeroDivision.divide((1 + squared) * counts.truePositives, squared * counts.actual + counts.predicted)
    support = counts.actual
  }

  init(precision: Double, recall: Double, f: Double, support: Double) {
    (self.precision, self.recall, self.f, self.support) = (precision, recall, f, support)
  }

  static func average(_ counts: [ClassCounts], _ average: Average, beta: Double, zeroDivision: ZeroDivision) -> PrecisionRecallF {
    if average == .micro {
      let sum = counts.reduce(into: ClassCounts()) {
        $0.truePositives += $1.truePositives
        $0.predicted += $1.predicted
        $0.actual += $1.actual
      }
      return PrecisionRecallF(sum, beta: beta, zeroDivision: zeroDivision)
    }
    let scores = counts.map { PrecisionRecallF($0, beta: beta, zeroDivision: zeroDivision) }
    let weights = average == .weighted ? counts.map(\.actual) : counts.map { _ in 1.0 }
    return PrecisionRecallF(
      precision: meanOfDefined(scores.map(\.precision), weights), recall: meanOfDefined(scores.map(\.recall), weights),
      f: meanOfDefined(scores.map(\.f), weights), support: counts.reduce(0) { $0 + $1.actual })
  }
}

/// Weighted mean without the NaNs; NaN when nothing is left, the plain mean when all weights are 0.
func meanOfDefined(_ values: [Double], _ weights: [Double]) -> Double {
  let defined = zip(values, weights).filter { !$0.0.isNaN }
  let weight = defined.reduce(0) { $0 + $1.1 }
  if weight == 0 { return defined.reduce(0) { $0 + $1.0 } / Double(defined.count) }
  return defined.reduce(0) { $0 + $1.0 * $1.1 } / weight
}

extension ConfusionMatrix {
  /// Averaged precision, recall and F over `labels` (default: all labels seen).
  public func scores(
    _ average: Average, labels: [Label]? = nil, beta: Double = 1, zeroDivision: ZeroDivision = .zero
  ) -> PrecisionRecallF {
    .average(counts(labels: labels), average, beta: beta, zeroDivision: zeroDivision)
  }

  /// One score per label, in the order of `labels` (default: the sorted union).
  public func perClass(labels: [Label]? = nil, beta: Double = 1, zeroDivision: ZeroDivision = .zero) -> [PrecisionRecallF] {
    counts(labels: labels).map { PrecisionRecallF($0, beta: beta, zeroDivision: zeroDivision) }
  }

  /// The score of one label; scikit-learn's `average="binary"` with `pos_label`.
  public func scores(of label: Label, zeroDivision: ZeroDivision = .zero) -> PrecisionRecallF {
    PrecisionRecallF(counts(labels: [label])[0], beta: 1, zeroDivision: zeroDivision)
  }

  /// Intersection over union, tp / (tp + fp + fn), averaged over `labels`.
  public func jaccard(_ average: Average, labels: [Label]? = nil, zeroDivision: ZeroDivision = .zero) -> Double {
    var counts = counts(labels: labels)
    if average == .micro {
      counts = [counts.reduce(into: ClassCounts()) {
        $0.truePositives += $1.truePositives
        $0.predicted += $1.predicted
        $0.actual += $1.actual
      }]
    }
    let values = counts.map { zeroDivision.divide($0.truePositives, $0.predicted + $0.actual - $0.truePositives) }
    return meanOfDefined(values, average == .weighted ? counts.map(\.actual) : counts.map { _ in 1 })
  }
}
