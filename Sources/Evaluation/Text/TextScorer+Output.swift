public import Files
import Metrics
import Reports

extension TextScorer.Result {
  public var json: JSON {
    var object: JSONObject = [
      "dataset": .string(dataset), "path": .string(path), "rows": .integer(counts.rows), "scored": .integer(counts.scored),
      "missing": .integer(counts.missing), "empty": .integer(counts.empty),
    ]
    var values = JSONObject()
    for (name, value) in scores { values[name] = .number(value) }
    object["scores"] = .object(values)
    object["signature"] = .string(signature)
    return .object(object)
  }
}

extension [TextScorer.Result] {
  /// One line a file, aligned; the signatures below.
  public var text: String {
    guard let first else { return "" }
    var table = TextTable(["dataset", "rows", "missing", "empty"] + first.scores.map(\.name))
    for result in self {
      let counts = [result.counts.rows, result.counts.missing, result.counts.empty].map(String.init)
      table.add([result.dataset] + counts + result.scores.map { Format.fixed($0.value, abs($0.value) <= 1 ? 4 : 2) })
    }
    let signatures = map(\.signature).distinct
    return table.text + signatures.joined(separator: "\n") + "\n"
  }
}
