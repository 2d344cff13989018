import Files
import Metrics
import Reports

extension TextScorer.Result {
  var json: JSON {
    var object: JSONObject = [
      "dataset": .string(dataset), "path": .string(path), "rows": .integer(counts.rows), "scored": .integer(counts.scored),
      "missing": .integer(counts.missing), "empty": .integer(counts.empty),
    ]
    var values = JSONObject()
    for (name, value) in scores { values[name] = .number(value) }
    object["scores"] = .object(values)
    object["signature"] = signature.map(JSON.string)
    return .object(object)
  }
}

extension [TextScorer.Result] {
  /// One line a file, aligned; the signatures below.
  var text: String {
    guard let first else { return "" }
    let heads = ["dataset", "rows", "missing", "empty"] + first.scores.map(\.name)
    let cells = map { result in
      [result.dataset, "\(result.counts.rows)", "\(result.counts.missing)", "\(result.counts.empty)"]
        + result.scores.map { Format.fixed($0.value, abs($0.value) <= 1 ? 4 : 2) }
    }
    let lines = TextTable.lines([heads] + cells)
    let signatures = reduce(into: [String]()) { names, result in
      if let signature = result.signature, !names.contains(signature) { names.append(signature) }
    }
    return (lines + signatures).joined(separator: "\n")
  }
}

/// Columns that stand under each other: the first to the left, numbers to the right.
enum TextTable {
  static func lines(_ rows: [[String]]) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
    }
  }
}
