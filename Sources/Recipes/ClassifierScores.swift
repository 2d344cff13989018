import Configuration
import Datasets
import Glibc
import Metrics
import Models
import Reports
import Torch
import Training

/// The scores of one set of answers on one form of the test rows.
struct FormScores {
  let name: String
  let golds: [Int]
  let predicted: [Int]
  let accuracy, weightedF1, macroF1: Double

  init(_ name: String, golds: [Int], predicted: [Int]) throws {
    self.name = name
    self.golds = golds
    self.predicted = predicted
    let confusion = try ConfusionMatrix(true: golds, predicted: predicted)
    accuracy = confusion.accuracy
    weightedF1 = confusion.scores(.weighted).f1
    macroF1 = confusion.scores(.macro).f1
  }
}

/// Pieces of the report that are the same for training and evaluation.
enum ReportParts {
  /// Per-class scores with a 95 % bootstrap interval of each F1 over test rows.
  static func classes(_ scores: FormScores, labels: [String]) throws -> [ClassScore] {
    let confusion = try ConfusionMatrix(true: scores.golds, predicted: scores.predicted)
    let ids = Array(labels.indices)
    let intervals = try f1Intervals(scores, classes: labels.count)
    return zip(ids, confusion.perClass(labels: ids)).map { id, row in
      ClassScore(
        label: labels[id], precision: row.precision, recall: row.recall,
        f1: Score(row.f1, low: intervals[id].lowerBound, high: intervals[id].upperBound), support: Int(row.support))
    }
  }

  private static func f1Intervals(_ scores: FormScores, classes: Int) throws -> [ClosedRange<Double>] {
    let (golds, predicted) = (scores.golds, scores.predicted)
    return try (0..<classes).map { id in
      try Bootstrap(resamples: 500, seed: 0).interval(itemCount: golds.count) { rows in
        var (hits, either) = (0, 0)
        for row in rows {
          let (isGold, isPredicted) = (golds[row] == id, predicted[row] == id)
          if isGold && isPredicted { hits += 1 }
          either += (isGold ? 1 : 0) + (isPredicted ? 1 : 0)
        }
        return either == 0 ? 0 : 2 * Double(hits) / Double(either)
      }
    }
  }

  static func confusion(_ scores: FormScores, classes: Int) -> [[Int]] {
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for (gold, predicted) in zip(scores.golds, scores.predicted) { counts[gold][predicted] += 1 }
    return counts
  }

  /// Calibration on test rows before and after dividing logits by `temperature`.
  static func calibration(logits: [[Float]], golds: [Int], temperature: Double) throws -> Reports.Calibration {
    func measured(_ temperature: Double) throws -> Metrics.Calibration {
      try Metrics.Calibration(true: golds, probabilities: logits.map { softmax($0, temperature: temperature) })
    }
    func bins(_ calibration: Metrics.Calibration) -> [Reports.Calibration.Bin] {
      calibration.bins.compactMap { bin in
        guard let confidence = bin.confidence, let accuracy = bin.accuracy else { return nil }
        return .init(confidence: confidence, accuracy: accuracy, count: bin.count)
      }
    }
    let (before, after) = (try measured(1), try measured(temperature))
    return .init(
      temperature: temperature, errorBefore: before.expectedError, errorAfter: after.expectedError, before: bins(before), after: bins(after))
  }

  /// Mean and spread over seeds.
  static func score(_ values: [Double]) throws -> Score {
    let summary = try SeedSummary(values)
    guard values.count > 1 else { return Score(summary.mean) }
    return Score(summary.mean, deviation: summary.standardDeviation, low: summary.lower, high: summary.upper)
  }
}

/// softmax(logits / temperature) in float64.
func softmax(_ logits: [Float], temperature: Double) -> [Double] {
  let top = Double(logits.max() ?? 0)
  let powers = logits.map { exp((Double($0) - top) / temperature) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

/// Index of the largest, the first among equals.
func argmax(_ values: [Float]) -> Int {
  var best = 0
  for i in values.indices where values[i] > values[best] { best = i }
  return best
}
