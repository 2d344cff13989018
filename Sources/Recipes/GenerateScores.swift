import Configuration
import Datasets
import Evaluation
import Files
import Metrics
import Reports

/// Labels read from generated explanations by rule, against the labels of the golds.
struct GenerateScores {
  let dataset: String
  let rows: Int
  /// Rows whose gold no rule reads; they are left out.
  let unreadGolds: Int
  /// Answers from which exactly one label can be read. The others count as wrong, in a class of their own.
  let covered: Int
  let accuracy, weightedF1, macroF1, microF1: Double
  private let upstream: UpstreamRules?

  /// Nil for a set without label rules.
  init?(_ file: GenerationFile, path: String, compatibility: Compatibility) throws {
    guard let table = try LabelTable.known(for: path) ?? IMHILabels.table(file.dataset), table.hasRules else { return nil }
    dataset = file.dataset
    if compatibility == .imhi {
      guard let rules = UpstreamRules(.imhi, dataset: file.dataset) else {
        throw InputError(path, "upstream has no rules for '\(file.dataset)'", advice: "Leave --compat imhi out")
      }
      let pairs = rules.pairs(goldens: file.goldens, outputs: file.generated, corrected: table)
      guard !pairs.gold.isEmpty else { return nil }
      let confusion = try ConfusionMatrix(true: pairs.gold, predicted: pairs.output)
      (upstream, rows, unreadGolds) = (rules, pairs.gold.count, pairs.unreadGolds.count)
      covered = file.generated.count - pairs.outOfDistribution
      (accuracy, weightedF1) = (confusion.accuracy, confusion.scores(.weighted).f1)
      (macroF1, microF1) = (confusion.scores(.macro).f1, confusion.scores(.micro).f1)
      return
    }
    let golds = file.goldens.map { table.reading(of: $0).label }
    let scored = golds.indices.filter { golds[$0] != nil }
    guard !scored.isEmpty else { return nil }
    let answers = scored.map { table.reading(of: file.generated[$0]).label }
    let scores = try AnswerScores(golds: scored.compactMap { golds[$0] }, answers: answers, classes: table.count)
    (upstream, rows, unreadGolds, covered) = (nil, scores.rows, golds.count - scored.count, scores.covered)
    (accuracy, weightedF1, macroF1, microF1) = (scores.accuracy, scores.weightedF1, scores.macroF1, scores.accuracy)
  }

  var json: JSON {
    func shown(_ share: Double) -> JSON { .number(upstream == nil ? share : UpstreamRules.percent(share)) }
    return [
      "dataset": .string(dataset), "rows": .integer(rows), "unread_golds": .integer(unreadGolds), "covered": .integer(covered),
      "accuracy": shown(accuracy), "weighted_f1": shown(weightedF1), "micro_f1": shown(microF1), "macro_f1": shown(macroF1),
      "rules": .string((upstream == nil ? Compatibility.corrected : .imhi).rawValue),
    ]
  }

  /// A line for people, or upstream's line of `results.txt`.
  var text: String {
    if let upstream {
      return upstream.resultLine(
        accuracy: accuracy, weightedF1: weightedF1, microF1: microF1, macroF1: macroF1, outOfDistribution: rows + unreadGolds - covered)
    }
    return "\(dataset): \(rows) rows, accuracy \(Format.percent(accuracy, 1)) %, weighted F1 \(Format.percent(weightedF1, 1)) %, macro F1 "
      + "\(Format.percent(macroF1, 1)) %; a label can be read from \(Format.percent(Double(covered) / Double(rows), 1)) % of the answers"
      + (unreadGolds > 0 ? "; \(unreadGolds) golds cannot be read and are left out" : "")
  }
}
