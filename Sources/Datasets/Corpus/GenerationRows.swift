public import Files

/// Generated texts beside what they should say, row by row, with rows that were never answered kept apart from empty answers.
///
/// Read from CSV (upstream's `goldens,generated_text`) or JSON Lines, where `goldens` may be a list of references and `generated_text` null or
/// absent when there is no answer. A CSV cannot say "no answer": an empty field is an empty text.
public struct GenerationRows: Sendable, Hashable {
  public struct Row: Sendable, Hashable {
    /// From 1, the header not counted.
    public let number: Int
    public let references: [String]
    /// nil when there is no generation.
    public let generated: String?
  }

  /// The file's name without extension.
  public let dataset: String
  public let path: String
  public let rows: [Row]

  /// Reads one file.
  /// - Parameters:
  ///   - golden, generated: the names of the two columns.
  /// - Throws: `InputError` for a file of another kind, without rows or without the columns.
  public static func read(_ path: String, golden: String = "goldens", generated: String = "generated_text") throws(InputError) -> GenerationRows {
    let isJSON = path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson")
    let rows = try isJSON ? jsonRows(path, golden, generated) : tableRows(path, golden, generated)
    guard !rows.isEmpty else { throw InputError(path, "has no rows, expected at least one", advice: "Check how the file was made") }
    return GenerationRows(dataset: baseName(path), path: path, rows: rows)
  }

  /// Reads one file, or every `.csv` and `.jsonl` of a folder in the order of names.
  public static func readAll(_ path: String, golden: String = "goldens", generated: String = "generated_text") throws(InputError) -> [GenerationRows] {
    guard FileSystem.isFolder(path) else { return [try read(path, golden: golden, generated: generated)] }
    let names = FileSystem.entries(path).filter { $0.hasSuffix(".csv") || $0.hasSuffix(".jsonl") }
    guard !names.isEmpty else {
      throw InputError(path, "holds no .csv or .jsonl file", advice: "Expected DATASET.csv with the columns \(golden),\(generated), for instance DR.csv")
    }
    var files: [GenerationRows] = []
    for name in names { files.append(try read("\(path)/\(name)", golden: golden, generated: generated)) }
    return files
  }

  private static func tableRows(_ path: String, _ golden: String, _ generated: String) throws(InputError) -> [Row] {
    let table = try Records.read(path)
    let (reference, text) = (try table.column(golden), try table.column(generated))
    return table.rows.enumerated().map { Row(number: $0 + 1, references: [$1[reference]], generated: $1[text]) }
  }

  private static func jsonRows(_ path: String, _ golden: String, _ generated: String) throws(InputError) -> [Row] {
    var rows: [Row] = []
    for line in try JSONLines.read(path) {
      func wrong(_ key: String, _ expected: String) -> InputError {
        InputError(path, at: "line \(line.line), row \(rows.count + 1)", "'\(key)' is missing or not \(expected)", advice: "Correct that line, or name another key")
      }
      let references = line.object[golden]?.string.map { [$0] } ?? line.object[golden]?.array?.compactMap(\.string) ?? []
      guard !references.isEmpty, references.count == line.object[golden]?.array?.count ?? 1 else { throw wrong(golden, "a text or a list of texts") }
      let value = line.object[generated] ?? .null
      guard value.isNull || value.string != nil else { throw wrong(generated, "a text or null") }
      rows.append(Row(number: rows.count + 1, references: references, generated: value.string))
    }
    return rows
  }
}
