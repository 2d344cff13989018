internal import Files

/// A table from a file of either kind, by its extension.
enum Records {
  /// `.csv` through `CSVReader`; `.jsonl` and `.ndjson` through `JSONLines`, with the first row's keys as columns.
  static func read(_ path: String) throws(InputError) -> CSVTable {
    if path.hasSuffix(".csv") { return try CSVReader.read(path) }
    if path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson") { return try table(JSONLines.read(path), path: path) }
    throw InputError(path, "found another kind of file, expected .csv or .jsonl", advice: "Rename or convert it")
  }

  /// Rows of objects as rows of strings. The columns are the keys of the first row whose values are text or integers; later rows
  /// must have them, as text or integers. Keys with other values are left out.
  static func table(_ rows: [JSONLines.Row], path: String) throws(InputError) -> CSVTable {
    guard let first = rows.first else { return CSVTable(path: path, header: [], rows: [], lines: []) }
    let header = first.object.keys.filter { first.object[$0].flatMap(field) != nil }
    var fields: [[String]] = []
    for row in rows {
      var values: [String] = []
      for key in header {
        guard let value = row.object[key] else {
          throw InputError(path, at: "line \(row.line)", "no key '\(key)'", advice: "Every line needs the keys of the first")
        }
        // One kind per column: a number among texts is a damaged row, not a text.
        guard let text = field(value), (value.string == nil) == (first.object[key]?.string == nil) else {
          let expected = first.object[key]?.string == nil ? "an integer" : "text"
          throw InputError(path, at: "line \(row.line)", "'\(key)' is \(kind(value)), expected \(expected) as on the first line", advice: "Correct that line")
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

  private static func kind(_ value: JSON) -> String {
    switch value {
    case .null: "null"
    case .bool: "true or false"
    case .integer, .number: "a number"
    case .string: "text"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
