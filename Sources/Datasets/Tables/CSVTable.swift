public import Files

/// A CSV file in memory: a header and rows of strings, each row knowing the line it starts on.
///
/// Columns are found by name. An unnamed column (the index that pandas writes) is allowed and simply never asked for.
public struct CSVTable: Sendable {
  /// The file, as the user spelled it; every error names it.
  public let path: String
  /// Column names in file order; an unnamed column is "".
  public let header: [String]
  /// Rows in file order, each with `header.count` fields.
  public let rows: [[String]]
  /// The 1-based line each row starts on.
  public let lines: [Int]

  public init(path: String, header: [String], rows: [[String]], lines: [Int]) {
    precondition(rows.count == lines.count, "CSVTable: \(rows.count) rows but \(lines.count) line numbers")
    (self.path, self.header, self.rows, self.lines) = (path, header, rows, lines)
  }

  /// True when the file has a column called `name`.
  public func has(_ name: String) -> Bool { header.contains(name) }

  /// The position of column `name`.
  /// - Throws: `InputError` that lists the columns found, the nearest name, and the separator the file seems to use.
  public func column(_ name: String) throws(InputError) -> Int {
    if let index = header.firstIndex(of: name) { return index }
    var advice = "Rename a column or name the right one"
    if header.count == 1, let separator = [";", "\t", "|"].first(where: header[0].contains) {
      advice = "The file seems to be separated by \(separator == "\t" ? "tabs" : "'\(separator)'"); save it separated by commas"
    } else if let nearest = nearestName(to: name, among: header) {
      advice = "The nearest is '\(nearest)'"
    }
    throw InputError(path, at: "line 1", "no column '\(name)'; found \(columnList)", advice: advice)
  }

  /// Where row `index` (0-based) is, for error messages: `line 14, row 9`. Rows count from 1, the header is not a row.
  public func location(_ index: Int) -> String { "line \(lines[index]), row \(index + 1)" }

  /// Column names for a message: quoted, at most twelve, each cut to 40 characters.
  private var columnList: String {
    let shown = header.prefix(12).map { "'\($0.count > 40 ? $0.prefix(40) + "…" : $0)'" }.joined(separator: ", ")
    return header.count > 12 ? "\(shown) and \(header.count - 12) more" : shown
  }
}
