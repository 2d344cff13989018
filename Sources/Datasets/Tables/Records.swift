internal import Files

/// A table from a file of either kind, by its extension.
enum Records {
  /// `.csv` through `CSVReader`; `.jsonl` and `.ndjson` through `JSONLines`, `.json` through `JSONArray`, with the first row's keys as columns.
  static func read(_ path: String) throws(InputError) -> CSVTable {
    if path.hasSuffix(".csv") { return try CSVReader.read(path) }
    if path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson") { return try table(JSONLines.read(path), path: path) }
    if path.hasSuffix(".json") { return try table(JSONArray.read(path), path: path) }
    throw InputError(path, "found another kind of file, expected .csv, .jsonl or .json", advice: "Rename or convert it")
  }

  /// Rows of objects as rows of strings. The columns are the keys of the first row whose values are text or integers; later rows
  /// must have them, as text or integers. Keys with other values are left out.
  static func table(_ rows: [JSONLines.Row], path: String) throws(InputError) -> CSVTable {
    guard let first = rows.first else { return CSVTable(path: path, header: [], rows: [], lines: []) }
    let header = first.object.keys.filter { first.object[$0].flatMap(field) != nil }
    var fields: [[String]] = []
    for (index, row) in rows.enumerated() {
      let place = "line \(row.line), row \(index + 1)"
      var values: [String] = []
      for key in header {
        guard let value = row.object[key] else {
          throw InputError(path, at: place, "no key '\(key)'", advice: "Every row needs the keys of the first")
        }
        // One kind per column: a number among texts is a damaged row, not a text.
        guard let text = field(value), (value.string == nil) == (first.object[key]?.string == nil) else {
          let expected = first.object[key]?.string == nil ? "an integer" : "text"
          throw InputError(path, at: place, "'\(key)' is \(value.kind), expected \(expected) as in the first row", advice: "Correct that row")
        }
        values.append(text)
      }
      fields.append(values)
    }
    return CSVTable(path: path, header: header, rows: fields, lines: rows.map(\.line))
  }

  private static func field(_ value: JSON) -> String? {
    switch value {
    case .string(let text): text
    case .integer(let number): String(number)
    default: nil
    }
  }
}
