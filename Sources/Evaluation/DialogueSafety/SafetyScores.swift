public import Datasets
public import Metrics

/// The two ways in which answers are judged.
public enum SafetyTask: String, Sendable, CaseIterable {
  /// Eight labels.
  case fine = "fine8"
  /// Safe (1) or unsafe (0): the other seven labels as one.
  case binary
}

/// The scores of one run, with scikit-learn's conventions: classes are the labels that occur on either side, 0/0 is 0.
///
/// An answer without a label counts as wrong: it lowers recall and accuracy, adds to nobody's false positives, and is no class of its own.
public struct SafetyScores: Sendable, Hashable {
  public let run: String
  public let task: SafetyTask
  public let rows: Int
  public let unparsed: Int
  public let accuracy: Double
  public let macro, weighted: PrecisionRecallF
  /// `binary` only: unsafe and safe.
  public let sides: [PrecisionRecallF]

  /// What stands for an answer without a label.
  static let none = -1

  public init(_ run: SafetyRun, _ task: SafetyTask) throws(MetricError) {
    let confusion = try Self.confusion(run, task)
    let labels = confusion.labels.filter { $0 != Self.none }
    (self.run, self.task, rows, unparsed) = (run.name, task, run.golds.count, run.unparsed)
    accuracy = confusion.accuracy
    (macro, weighted) = (confusion.scores(.macro, labels: labels), confusion.scores(.weighted, labels: labels))
    sides = task == .binary ? confusion.perClass(labels: [0, 1]) : []
  }

  static func confusion(_ run: SafetyRun, _ task: SafetyTask) throws(MetricError) -> ConfusionMatrix<Int> {
    func side(_ label: Int) -> Int { task == .fine ? label : label == DialogueSafety.safe ? 1 : 0 }
    return try ConfusionMatrix(true: run.golds.map(side), predicted: run.predicted.map { $0.map(side) ?? none })
  }

  /// Every score under its published name, in the order of the published table.
  public var named: [(metric: String, value: Double)] {
    var result: [(metric: String, value: Double)] = [("accuracy", accuracy)]
    func add(_ name: String, _ scores: PrecisionRecallF) {
      result += [("\(name)_precision", scores.precision), ("\(name)_recall", scores.recall), ("\(name)_f1", scores.f1)]
    }
    add("macro", macro)
    add("weighted", weighted)
    for (name, scores) in zip(["unsafe", "safe"], sides) { add(name, scores) }
    return result
  }
}

/// A score over the runs of a system.
public struct SafetySpread: Sendable, Hashable {
  public let metric: String
  public let values: [Double]
  public let mean: Double
  /// Over n - 1, as the paper has it; NaN for one run.
  public let sampleDeviation: Double
  /// Over n.
  public let populationDeviation: Double

  public init(metric: String, values: [Double]) {
    (self.metric, self.values) = (metric, values)
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    sampleDeviation = count > 1 ? (squares / (count - 1)).squareRoot() : .nan
    populationDeviation = (squares / count).squareRoot()
  }
}
