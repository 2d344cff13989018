public import Metrics

/// The labels of answers against those of the golds. An answer without a label counts as wrong: it lowers recall and accuracy, adds to nobody's false
/// positives, and is no class of its own. Classes are the labels that occur on either side, as in scikit-learn.
public struct AnswerScores: Sendable, Hashable {
  public let rows: Int
  /// Answers that have a label.
  public let covered: Int
  public let accuracy, weightedF1, macroF1: Double
  /// 95 % bootstrap interval of the weighted F1 over the rows.
  public let interval: ClosedRange<Double>
  /// By label id, also of labels that do not occur; the interval is of the F1.
  public let classes: [Class]
  /// Rows by gold label; columns by the answer's, and last, without one.
  public let confusion: [[Int]]

  public struct Class: Sendable, Hashable {
    public let precision, recall, f1: Double
    public let interval: ClosedRange<Double>
    public let support: Int
  }

  /// - Parameters:
  ///   - classes: how many labels the set has.
  ///   - resamples: of the bootstrap, whose seed is fixed.
  /// - Throws: `MetricError` without rows.
  public init(golds: [Int], answers: [Int?], classes count: Int, resamples: Int = 500) throws(MetricError) {
    let confusion = try ConfusionMatrix(true: golds, predicted: answers.map { $0 ?? count })
    let ids = Array(0..<count)
    (rows, covered) = (golds.count, answers.count { $0 != nil })
    accuracy = confusion.accuracy
    weightedF1 = confusion.scores(.weighted).f1
    macroF1 = confusion.scores(.macro, labels: confusion.labels.filter { $0 < count }).f1
    var tally = LabelTally(golds: golds, answers: answers, classes: count)
    let intervals = try Bootstrap(resamples: resamples, seed: 0).intervals(itemCount: golds.count) { rows in
      tally.count(rows)
      return [tally.weightedF1] + ids.map { tally.f1($0) }
    }
    interval = intervals[0]
    self.classes = zip(ids, confusion.perClass(labels: ids)).map { id, scores in
      Class(precision: scores.precision, recall: scores.recall, f1: scores.f1, interval: intervals[id + 1], support: Int(scores.support))
    }
    self.confusion = confusion.matrix(labels: ids + [count]).dropLast().map { $0.map { Int($0) } }
  }
}

/// F1 over chosen rows, many times over the same answers.
struct LabelTally {
  private let golds, answers: [Int]
  private let classes: Int
  private var hits, actual, predicted: [Int]

  init(golds: [Int], answers: [Int?], classes: Int) {
    (self.golds, self.answers, self.classes) = (golds, answers.map { $0 ?? classes }, classes)
    (hits, actual, predicted) = ([], [], [])
  }

  mutating func count(_ rows: [Int]) {
    clear()
    for row in rows { add(golds[row], answers[row]) }
  }

  /// All rows, some of them with the answers of another system.
  mutating func count(against other: LabelTally, _ isExchanged: [Bool]) {
    clear()
    for row in golds.indices { add(golds[row], isExchanged[row] ? other.answers[row] : answers[row]) }
  }

  private mutating func add(_ gold: Int, _ answer: Int) {
    actual[gold] += 1
    predicted[answer] += 1
    if gold == answer { hits[gold] += 1 }
  }

  func f1(_ id: Int) -> Double {
    let either = actual[id] + predicted[id]
    return either == 0 ? 0 : 2 * Double(hits[id]) / Double(either)
  }

  var weightedF1: Double {
    let total = actual.reduce(0, +)
    return (0..<classes).reduce(0) { $0 + Double(actual[$1]) * f1($1) } / Double(max(1, total))
  }

  private mutating func clear() {
    let zeros = [Int](repeating: 0, count: classes + 1)
    (hits, actual, predicted) = (zeros, zeros, zeros)
  }
}
