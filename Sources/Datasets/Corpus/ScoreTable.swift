public import Files

/// Scores by row: which file, which row of it, and a number for each metric. Holds no text, so it may be passed on.
///
/// As CSV: `dataset,row,METRIC…`, a score that is missing an empty field.
public struct ScoreTable: Sendable, Hashable {
  public struct Row: Sendable, Hashable {
    public let dataset: String
    /// From 1, the header not counted.
    public let number: Int
    /// In the order of `metrics`; nil where the row has no generation.
    public let values: [Double?]

    public init(dataset: String, number: Int, values: [Double?]) { (self.dataset, self.number, self.values) = (dataset, number, values) }
  }

  public let metrics: [String]
  public let rows: [Row]

  public init(metrics: [String], rows: [Row]) {
    precondition(rows.allSatisfy { $0.values.count == metrics.count }, "ScoreTable: a row has more or fewer values than there are metrics")
    (self.metrics, self.rows) = (metrics, rows)
  }

  /// Reads what `write` wrote, or any CSV with the columns `dataset`, `row` and numbers.
  /// - Throws: `InputError` naming line and column of anything else.
  public static func read(_ path: String) throws(InputError) -> ScoreTable {
    let table = try CSVReader.read(path)
    let (dataset, number) = (try table.column("dataset"), try table.column("row"))
    let columns = table.header.indices.filter { $0 != dataset && $0 != number && !table.header[$0].isEmpty }
    guard !columns.isEmpty else { throw InputError(path, "holds no scores beside dataset and row", advice: "Write one with `attune score … --output FILE`") }
    var rows: [Row] = []
    for (index, fields) in table.rows.enumerated() {
      func wrong(_ column: Int, _ expected: String) -> InputError {
        InputError(path, at: "\(table.location(index)), column '\(table.header[column])'", "is not \(expected)", advice: "Correct that field")
      }
      guard let row = Int(fields[number]), row > 0 else { throw wrong(number, "a row number from 1") }
      var values: [Double?] = []
      for column in columns {
        let value = Double(fields[column])
        guard fields[column].isEmpty || value?.isFinite == true else { throw wrong(column, "a finite number or empty") }
        values.append(value)
      }
      rows.append(Row(dataset: fields[dataset], number: row, values: values))
    }
    guard !rows.isEmpty else { throw InputError(path, "has no rows, expected at least one", advice: "Check how the file was made") }
    return ScoreTable(metrics: columns.map { table.header[$0] }, rows: rows)
  }

  /// Writes the table, whole or not at all.
  public func write(to path: String) throws(InputError) {
    var writer = CSVWriter()
    writer.write(["dataset", "row"] + metrics)
    for row in rows { writer.write([row.dataset, String(row.number)] + row.values.map { $0.map { "\($0)" } ?? "" }) }
    try AtomicWrite.file(path, writer.bytes)
  }
}
