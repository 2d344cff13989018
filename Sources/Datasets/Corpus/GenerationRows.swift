public import Files

/// Generated texts beside what they should say, row by row, with rows that were never answered kept apart from empty answers.
///
/// Read from CSV (upstream's `goldens,generated_text`) or JSON Lines, where `goldens` may be a list of references and `generated_text` null or
/// absent when there is no answer. A CSV cannot say "no answer": an empty field is an empty text. A row that cannot be read is named in
/// `problems`, and the others are kept.
public struct GenerationRows: Sendable, Hashable {
  public struct Row: Sendable, Hashable {
    /// From 1, the header not counted; rows that cannot be read count too.
    public let number: Int
    public let references: [String]
    /// nil when there is no generation.
    public let generated: String?
    /// What the column `labels` says, in files that were labelled.
    public let label: String?
    /// What was asked; nil where no such column was named.
    public let source: String?

    public init(number: Int, references: [String], generated: String?, label: String? = nil, source: String? = nil) {
      (self.number, self.references, self.generated, self.label, self.source) = (number, references, generated, label, source)
    }
  }

  /// A row that cannot be used, and why.
  public struct Problem: Sendable, Hashable {
    public let row: Int
    public let error: InputError

    public init(row: Int, error: InputError) { (self.row, self.error) = (row, error) }
  }

  /// The file's name without extension.
  public let dataset: String
  public let path: String
  /// The rows that can be read.
  public let rows: [Row]
  public let problems: [Problem]
  /// Whether there is a column `labels`.
  public var isLabelled: Bool { rows.contains { $0.label != nil } }

  public init(dataset: String, path: String, rows: [Row], problems: [Problem] = []) {
    (self.dataset, self.path, self.rows, self.problems) = (dataset, path, rows, problems)
  }

  /// Reads one file.
  /// - Parameters:
  ///   - golden, generated: the names of the two columns.
  ///   - source: that of what was asked; nil reads none.
  /// - Throws: `InputError` for a file of another kind, without the columns, or without a row that can be read.
  public static func read(_ path: String, golden: String = "goldens", generated: String = "generated_text", source: String? = nil) throws(InputError) -> GenerationRows {
    let isJSON = path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson")
    guard isJSON || path.hasSuffix(".csv") else { throw InputError(path, "found another kind of file, expected .csv or .jsonl", advice: "Rename or convert it") }
    let (rows, problems) = try isJSON ? jsonRows(path, golden, generated, source) : tableRows(path, golden, generated, source)
    guard !rows.isEmpty else {
      throw problems.first?.error ?? InputError(path, "has no rows, expected at least one", advice: "Check how the file was made")
    }
    return GenerationRows(dataset: FileSystem.stem(of: path), path: path, rows: rows, problems: problems)
  }

  /// The files that `path` names: itself, or every `.csv` and `.jsonl` of a folder in the order of names.
  public static func files(_ path: String, golden: String = "goldens", generated: String = "generated_text") throws(InputError) -> [String] {
    guard FileSystem.isFolder(path) else { return [path] }
    let names = FileSystem.entries(path).filter { $0.hasSuffix(".csv") || $0.hasSuffix(".jsonl") }
    guard !names.isEmpty else {
      throw InputError(path, "holds no .csv or .jsonl file", advice: "Expected DATASET.csv with the columns \(golden),\(generated), for instance DR.csv")
    }
    return names.map { "\(path)/\($0)" }
  }

  /// Reads one file, or every one of a folder.
  public static func readAll(_ path: String, golden: String = "goldens", generated: String = "generated_text", source: String? = nil) throws(InputError) -> [GenerationRows] {
    var files: [GenerationRows] = []
    for file in try Self.files(path, golden: golden, generated: generated) { files.append(try read(file, golden: golden, generated: generated, source: source)) }
    return files
  }

  private typealias Content = (rows: [Row], problems: [Problem])

  private static func tableRows(_ path: String, _ golden: String, _ generated: String, _ source: String?) throws(InputError) -> Content {
    let (header, records) = try CSVReader.records(of: path)
    let (reference, text) = (try header.column(golden), try header.column(generated))
    let label: Int? = header.has("labels") ? try header.column("labels") : nil
    var asked: Int?
    if let source { asked = try header.column(source) }
    var content: Content = ([], [])
    for (index, record) in records.enumerated() {
      switch record {
      case .success(let fields):
        content.rows.append(Row(number: index + 1, references: [fields[reference]], generated: fields[text], label: label.map { fields[$0] }, source: asked.map { fields[$0] }))
      case .failure(let error): content.problems.append(Problem(row: index + 1, error: error))
      }
    }
    return content
  }

  private static func jsonRows(_ path: String, _ golden: String, _ generated: String, _ source: String?) throws(InputError) -> Content {
    var content: Content = ([], [])
    for (index, record) in try JSONLines.records(of: path).enumerated() {
      do throws(InputError) {
        content.rows.append(try row(try record.object.get(), index + 1, path, "line \(record.line), row \(index + 1)", golden, generated, source))
      } catch {
        content.problems.append(Problem(row: index + 1, error: error))
      }
    }
    return content
  }

  private static func row(
    _ object: JSONObject, _ number: Int, _ path: String, _ place: String, _ golden: String, _ generated: String, _ source: String?
  ) throws(InputError) -> Row {
    func wrong(_ key: String, _ expected: String) -> InputError {
      InputError(path, at: place, "'\(key)' is missing or not \(expected)", advice: "Correct that line, or name another key")
    }
    let references = object[golden]?.string.map { [$0] } ?? object[golden]?.array?.compactMap(\.string) ?? []
    guard !references.isEmpty, references.count == object[golden]?.array?.count ?? 1 else { throw wrong(golden, "a text or a list of texts") }
    let (text, label) = (object[generated] ?? .null, object["labels"] ?? .null)
    guard text.isNull || text.string != nil else { throw wrong(generated, "a text or null") }
    guard label.isNull || label.string != nil else { throw wrong("labels", "a text or null") }
    let asked = source.flatMap { object[$0]?.string }
    if let source, asked == nil { throw wrong(source, "a text") }
    return Row(number: number, references: references, generated: text.string, label: label.string, source: asked)
  }
}
