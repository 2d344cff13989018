public import Datasets
public import Metrics

/// A system's scores over its runs.
public struct SafetySummary: Sendable {
  /// One label over all runs.
  public struct ClassSummary: Sendable {
    public let label: Int
    /// Rows of the test set with this label.
    public let support: Int
    /// Means over runs.
    public let precision, recall, f1: Double
    /// 95 % bootstrap interval of the mean F1 over the rows of the test set: every run's answers to a row are drawn together.
    public let interval: ClosedRange<Double>
    /// Mean number of rows a run that were answered with this label.
    public let predicted: Double
  }

  public let system: SafetySystem
  /// By task, a run each.
  public let runs: [SafetyTask: [SafetyScores]]
  /// By task, a metric each, in the order of the published table.
  public let spreads: [SafetyTask: [SafetySpread]]
  public let classes: [ClassSummary]
  /// Rows by label, answers by label and, last, without one; summed over runs.
  public let confusion: [[Int]]
  public var unparsed: Int { system.runs.reduce(0) { $0 + $1.unparsed } }
  public var answers: Int { system.runs.reduce(0) { $0 + $1.golds.count } }

  /// - Throws: `MetricError` when there is no run or no row.
  public init(_ system: SafetySystem, resamples: Int = 1000) throws(MetricError) {
    guard let first = system.runs.first else { throw .empty("runs") }
    self.system = system
    var (runs, spreads): ([SafetyTask: [SafetyScores]], [SafetyTask: [SafetySpread]]) = ([:], [:])
    for task in SafetyTask.allCases {
      var scores: [SafetyScores] = []
      for run in system.runs { scores.append(try SafetyScores(run, task)) }
      runs[task] = scores
      spreads[task] = scores[0].named.indices.map { index in
        SafetySpread(metric: scores[0].named[index].metric, values: scores.map { $0.named[index].value })
      }
    }
    (self.runs, self.spreads) = (runs, spreads)
    let count = DialogueSafety.labels.count
    var cells = [[Int]](repeating: [Int](repeating: 0, count: count + 1), count: count)
    for run in system.runs {
      for (gold, answer) in zip(run.golds, run.predicted) { cells[gold][answer ?? count] += 1 }
    }
    confusion = cells
    classes = try Self.classes(system, first.golds, resamples: resamples)
  }

  /// The spread of one metric.
  public func spread(_ task: SafetyTask, _ metric: String) -> SafetySpread? { spreads[task]?.first { $0.metric == metric } }

  private static func classes(_ system: SafetySystem, _ golds: [Int], resamples: Int) throws(MetricError) -> [ClassSummary] {
    let labels = Array(0..<DialogueSafety.labels.count)
    var perRun: [[PrecisionRecallF]] = []
    for run in system.runs { perRun.append(try SafetyScores.confusion(run, .fine).perClass(labels: labels)) }
    let runs = Double(system.runs.count)
    var result: [ClassSummary] = []
    for label in labels {
      func mean(_ value: (PrecisionRecallF) -> Double) -> Double { perRun.reduce(0) { $0 + value($1[label]) } / runs }
      result.append(ClassSummary(
        label: label, support: golds.count { $0 == label }, precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1),
        interval: try interval(of: label, system, resamples),
        predicted: system.runs.reduce(0) { $0 + Double($1.predicted.count { $0 == label }) } / runs))
    }
    return result
  }

  /// Rows are drawn, not answers: the runs of a row stand and fall together, as they do in another test set.
  private static func interval(of label: Int, _ system: SafetySystem, _ resamples: Int) throws(MetricError) -> ClosedRange<Double> {
    // Per run and row: 1 where this is the gold, 2 where it is the answer.
    let marks = system.runs.map { run in zip(run.golds, run.predicted).map { ($0 == label ? 1 : 0) + ($1 == label ? 2 : 0) } }
    return try Bootstrap(resamples: resamples, seed: 0).interval(itemCount: marks[0].count) { rows in
      marks.reduce(0) { sum, marks in
        var tally = (0, 0, 0, 0)
        for row in rows {
          switch marks[row] {
          case 1: tally.1 += 1
          case 2: tally.2 += 1
          case 3: tally.3 += 1
          default: break
          }
        }
        let either = tally.1 + tally.2 + 2 * tally.3
        return sum + (either == 0 ? 0 : 2 * Double(tally.3) / Double(either))
      } / Double(marks.count)
    }
  }
}
