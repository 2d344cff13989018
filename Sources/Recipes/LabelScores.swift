import Configuration
import Datasets
import Files
import Metrics
import Reports

/// Accuracy and F1 of labels against the golds of one file: by the corrected rules, or as upstream's `label_inference.py` counts.
struct LabelScores {
  let dataset: String
  let rows: Int
  /// Rows whose gold no rule reads: left out and counted.
  let unmatched: Int
  let byRule: Int
  let accuracy, weightedF1, macroF1: Double
  let compatibility: Compatibility

  init(_ labelled: LabelledFile, policy: UnmatchedPolicy, compatibility: Compatibility) throws {
    let file = labelled.file
    let upstream = compatibility == .imhi ? UpstreamRules(.labelInference, dataset: file.dataset) : nil
    let golds = file.goldens.map { golden in upstream.map { $0.goldLabel(golden) } ?? labelled.table.reading(of: golden).label }
    let missing = golds.indices.filter { golds[$0] == nil }
    if !missing.isEmpty, policy == .error, compatibility == .corrected {
      throw InputError(
        "\(file.dataset).csv", at: "rows \(missing.prefix(10).map { "\($0 + 1)" }.joined(separator: ", "))",
        "\(missing.count) of \(golds.count) golds match no label rule", advice: "Correct them, or leave them out with --on-unmatched drop")
    }
    // A printed name is read back by upstream's own rule, so that its misreadings are reproduced too.
    let names = file.labels ?? []
    let pairs = golds.indices.compactMap { row -> (Int, Int)? in
      guard let gold = golds[row], let answer = upstream.map({ $0.outputLabel(names[row]) }) ?? labelled.ids[row] else { return nil }
      return (gold, answer)
    }
    let confusion = try ConfusionMatrix(true: pairs.map(\.0), predicted: pairs.map(\.1))
    dataset = file.dataset
    rows = pairs.count
    unmatched = golds.count - pairs.count
    byRule = labelled.byRule
    accuracy = confusion.accuracy
    weightedF1 = confusion.scores(.weighted).f1
    macroF1 = confusion.scores(.macro).f1
    self.compatibility = compatibility
  }

  var json: JSON {
    .object([
      "dataset": .string(dataset), "rows": .integer(rows), "unmatched": .integer(unmatched), "by_rule": .integer(byRule),
      "accuracy": .number(shown(accuracy)), "weighted_f1": .number(shown(weightedF1)), "macro_f1": .number(shown(macroF1)),
      "rules": .string(compatibility.rawValue),
    ])
  }

  /// Shares from 0 to 1; upstream prints rounded percentages.
  private func shown(_ share: Double) -> Double { compatibility == .imhi ? UpstreamRules.percent(share) : share }

  static func text(_ scores: [LabelScores]) -> String {
    scores.map { score in
      let figures = [("accuracy", score.accuracy), ("weighted F1", score.weightedF1), ("macro F1", score.macroF1)]
        .map { "\($0.0) \(score.compatibility == .imhi ? "\(UpstreamRules.percent($0.1))" : Format.percent($0.1, 1)) %" }
      return "\(score.dataset): \(score.rows) rows, \(score.unmatched) without a readable gold, \(score.byRule) read by rule; \(figures.joined(separator: ", "))\n"
    }.joined()
  }
}
