import Configuration
import Datasets
import Files
import Metrics
import Reports

/// Accuracy and F1 of labels against the golds of one file: by the corrected rules, or as upstream's `label_inference.py` counts.
struct LabelScores {
  let dataset: String
  let rows: Int
  /// Rows left out and counted: no rule reads the gold, or the label is no name of the dataset.
  let unmatched: Int
  let byRule: Int
  let accuracy, weightedF1, macroF1, microF1: Double
  /// Upstream's rules, where they were used.
  private let upstream: UpstreamRules?

  /// - Parameter path: the file, for errors.
  init(_ labelled: LabelledFile, path: String, policy: UnmatchedPolicy, compatibility: Compatibility) throws {
    let file = labelled.file
    let upstream = compatibility == .imhi ? UpstreamRules(.labelInference, dataset: file.dataset) : nil
    if compatibility == .imhi, upstream == nil {
      throw InputError(path, "upstream has no rules for '\(file.dataset)'", advice: "Leave --compat imhi out")
    }
    // A printed name is read back by upstream's own rule, so that its misreadings are reproduced too.
    let answers = upstream.map { rules in (file.labels ?? []).map(rules.outputLabel) } ?? labelled.ids
    // Upstream stops where its rule reads no gold; the corrected one reads on.
    let golds = file.goldens.map { upstream?.goldLabel($0) ?? labelled.table.reading(of: $0).label }
    let missing = golds.indices.filter { golds[$0] == nil || answers[$0] == nil }
    if let first = missing.first, policy == .error, upstream == nil {
      let listed = missing.prefix(10).map { "\($0 + 1)" }.joined(separator: ", ")
      throw InputError(
        path, at: "row \(first + 1)",
        "\(missing.count) of \(golds.count) rows have a gold or a label that cannot be read (rows \(listed)\(missing.count > 10 ? ", …" : "")); "
          + "expected one of: \(labelled.table.names.joined(separator: ", "))", advice: "Correct them, or leave them out with --on-unmatched drop")
    }
    let pairs = zip(golds, answers).compactMap { gold, answer in gold.flatMap { gold in answer.map { (gold, $0) } } }
    guard !pairs.isEmpty else { throw InputError(path, "no gold can be read", advice: "Leave --calculate out") }
    let confusion = try ConfusionMatrix(true: pairs.map(\.0), predicted: pairs.map(\.1))
    self.upstream = upstream
    (dataset, rows, unmatched, byRule) = (file.dataset, pairs.count, golds.count - pairs.count, labelled.byRule)
    accuracy = confusion.accuracy
    (weightedF1, macroF1, microF1) = (confusion.scores(.weighted).f1, confusion.scores(.macro).f1, confusion.scores(.micro).f1)
  }

  /// Shares from 0 to 1; under upstream's rules its rounded percentages.
  var json: JSON {
    func shown(_ share: Double) -> JSON { .number(upstream == nil ? share : UpstreamRules.percent(share)) }
    return [
      "dataset": .string(dataset), "rows": .integer(rows), "unmatched": .integer(unmatched), "by_rule": .integer(byRule),
      "accuracy": shown(accuracy), "weighted_f1": shown(weightedF1), "micro_f1": shown(microF1), "macro_f1": shown(macroF1),
      "rules": .string((upstream == nil ? Compatibility.corrected : .imhi).rawValue),
    ]
  }

  /// A line for people, or the line that upstream prints.
  private var text: String {
    if let upstream {
      return upstream.resultLine(accuracy: accuracy, weightedF1: weightedF1, microF1: microF1, macroF1: macroF1, outOfDistribution: nil)
    }
    let figures = [("accuracy", accuracy), ("weighted F1", weightedF1), ("macro F1", macroF1)]
    return "\(dataset): \(rows) rows" + (unmatched > 0 ? ", \(unmatched) left out" : "") + ", \(byRule) with a stated verdict; "
      + figures.map { "\($0.0) \(Format.percent($0.1, 1)) %" }.joined(separator: ", ")
  }

  static func text(_ scores: [LabelScores]) -> String { scores.map { $0.text + "\n" }.joined() }
}
