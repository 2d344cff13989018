public import Files

/// A file of labelled rows, read whole, with what each row says about its label. Nothing is dropped or guessed here.
public struct DataFile: Sendable {
  /// One record.
  public struct Row: Sendable, Hashable {
    public let id: ExampleID
    /// The 1-based line it starts on.
    public let line: Int
    public let post: String
    /// What is asked about the post; in dialogues the response, whose safety is in question.
    public let question: String
    public let text: String
    public let reading: LabelTable.Reading
  }

  /// What the columns of a file are.
  public enum Format: Sendable, Hashable {
    /// `query`, `gpt-3.5-turbo`: IMHI's instruction, test and expert files.
    case instruction
    /// `post`, `question`, `response`: IMHI's completion training files.
    case completion
    /// `goldens`, `generated_text`: what models answered; the label is read from the gold.
    case generations
    /// `context`, `response`, `label`: a conversation and the answer that is judged (`DialogueSafety`).
    case dialogue
    /// A text column and a column of label names or ids.
    case labelled(text: String, label: String)
  }

  /// What to do with rows whose label cannot be read.
  public enum UnmatchedPolicy: String, Sendable, CaseIterable {
    /// An error that lists the rows.
    case fail
    /// Leave them out, and count them.
    case drop
  }

  public let path: String
  public let split: Split
  public let format: Format
  public let labels: LabelTable
  public let rows: [Row]

  /// Reads a `.csv`, `.jsonl` or `.json` file.
  /// - Parameters:
  ///   - dataset: for ids; by default that of the table, else the file's name.
  ///   - labels: the table that reads golds and checks label names; nil takes the one that belongs to the path (`LabelTable.known`), or
  ///     infers names from the label column. A table of names alone (a classifier's) fits a file of golds when the known table
  ///     has the same names.
  ///   - text, label: column names for plain labelled files; by default the usual names are tried.
  ///   - format: what the file must be; nil goes by the columns it has.
  /// - Throws: `InputError` for a file that cannot be read, lacks columns, or has no rows. Unreadable labels are not errors
  ///   here: they are in `rows` as `.unmatched`, and `examples(onUnmatched:)` judges them.
  public static func read(
    _ path: String, dataset: String? = nil, split: Split = .test, labels: LabelTable? = nil, text: String? = nil, label: String? = nil,
    format: Format? = nil
  ) throws(InputError) -> DataFile {
    let table = try Records.read(path)
    func requireRows() throws(InputError) {
      if table.rows.isEmpty { throw InputError(path, "has no rows, expected at least one", advice: "Check how the file was made") }
    }
    if table.header.isEmpty { try requireRows() }  // an empty list or JSONL file: no columns to speak of either
    let format = if let format { format } else { try Self.format(of: table, text: text, label: label) }
    try requireRows()
    let labels = try tableToUse(labels, for: table, format)
    let name = dataset ?? labels.dataset
    let columns = try columns(of: table, format)
    var rows: [Row] = []
    rows.reserveCapacity(table.rows.count)
    for (index, fields) in table.rows.enumerated() {
      let gold = fields[columns.gold]
      let text = fields[columns.text]
      let query: Query
      switch format {
      case .instruction: query = Query(fields[columns.post])
      case .completion: query = Query(post: fields[columns.post], question: fields[columns.question ?? columns.post])
      case .generations, .labelled: query = Query(post: text, question: "")
      case .dialogue: query = Query(context: fields[columns.post], response: text)
      }
      let post = columns.post == columns.text ? text : query.post
      let reading: LabelTable.Reading =
        switch format {
        case .labelled, .dialogue: labels.id(named: gold).map { .label($0) } ?? .unmatched
        default: labels.reading(of: gold)
        }
      let digest = contentDigest(post, query.question, text)
      rows.append(Row(
        id: ExampleID(dataset: name, split: split, row: index + 1, digest: digest), line: table.lines[index], post: post,
        question: query.question, text: text, reading: reading))
    }
    return DataFile(path: path, split: split, format: format, labels: labels, rows: rows)
  }

  /// The rows as examples, and the ids of those left out.
  /// - Throws: with `.fail`, an `InputError` that counts and locates the rows whose label is unmatched or ambiguous.
  public func examples(onUnmatched policy: UnmatchedPolicy = .fail) throws(InputError) -> (examples: [Example], dropped: [ExampleID]) {
    let bad = rows.filter { $0.reading.label == nil }
    if policy == .fail, let first = bad.first {
      let listed = bad.prefix(10).map { String($0.id.row) }.joined(separator: ", ")
      throw InputError(
        path, at: "line \(first.line), row \(first.id.row)",
        "\(bad.count) of \(rows.count) rows have a label that cannot be read (rows \(listed)\(bad.count > 10 ? ", …" : "")); "
          + "expected one of: \(labels.names.joined(separator: ", "))",
        advice: "Correct the rows, or leave them out with --on-unmatched drop")
    }
    let examples = rows.compactMap { row in
      row.reading.label.map { Example(id: row.id, post: row.post, question: row.question, text: row.text, label: $0) }
    }
    return (examples, bad.map(\.id))
  }
}

extension DataFile {
  private static let textNames = ["text", "post", "sentence", "generated_text", "query"]
  private static let labelNames = ["label", "labels", "class"]

  /// The format by column names; an explicit text or label column means a plain labelled file.
  private static func format(of table: CSVTable, text: String?, label: String?) throws(InputError) -> Format {
    if text == nil, label == nil {
      if table.has("query"), table.has("gpt-3.5-turbo") { return .instruction }
      if table.has("post"), table.has("question"), table.has("response") { return .completion }
      if table.has("goldens"), table.has("generated_text") { return .generations }
      if table.has("context"), table.has("response") { return .dialogue }
    }
    let text = text ?? textNames.first(where: table.has) ?? textNames[0]
    let label = label ?? labelNames.first(where: table.has) ?? labelNames[0]
    _ = try table.column(text)
    _ = try table.column(label)
    return .labelled(text: text, label: label)
  }

  private static func columns(
    of table: CSVTable, _ format: Format
  ) throws(InputError) -> (post: Int, question: Int?, text: Int, gold: Int) {
    switch format {
    case .instruction:
      let gold = try table.column("gpt-3.5-turbo")
      return (try table.column("query"), nil, gold, gold)
    case .completion:
      let gold = try table.column("response")
      return (try table.column("post"), try table.column("question"), gold, gold)
    case .generations:
      let text = try table.column("generated_text")
      return (text, nil, text, try table.column("goldens"))
    case .dialogue:
      return (try table.column("context"), nil, try table.column("response"), try table.column("label"))
    case .labelled(let text, let label):
      let text = try table.column(text)
      return (text, nil, text, try table.column(label))
    }
  }

  /// The table to use: the given one where it can read the format, else the known or the inferred one.
  private static func tableToUse(_ given: LabelTable?, for table: CSVTable, _ format: Format) throws(InputError) -> LabelTable {
    if case .labelled(_, let label) = format { return if let given { given } else { try inferredLabels(table, label) } }
    if format == .dialogue { return given ?? DialogueSafety.labels }
    if let given, given.hasRules { return given }
    guard let known = try LabelTable.known(for: table.path) else {
      throw InputError(
        table.path, "no label table for a file of golds of this name",
        advice: "Name it after its dataset (\(IMHILabels.datasets.joined(separator: ", "))), or put a labels.json beside it")
    }
    if let given, given.names != known.names {
      throw InputError(
        table.path, "the labels of \(known.dataset) are \(known.names.joined(separator: ", ")), expected \(given.names.joined(separator: ", "))",
        advice: "Use data and classifier of the same dataset")
    }
    return known
  }

  /// Labels from a label column: ids 0…n-1 when every value is a small integer, else the distinct names, sorted.
  private static func inferredLabels(_ table: CSVTable, _ label: String) throws(InputError) -> LabelTable {
    let column = try table.column(label)
    let values = Set(table.rows.map { $0[column] })
    let ids = values.compactMap(Int.init)
    let limit = 1000
    let isIDs = ids.count == values.count && ids.allSatisfy { (0..<limit).contains($0) }
    let names = isIDs ? (0...(ids.max() ?? 0)).map(String.init) : values.sorted()
    guard names.count <= limit else {
      throw InputError(
        table.path, "column '\(label)' holds \(names.count) different values, expected at most \(limit) labels",
        advice: "Name the column of labels")
    }
    do {
      return try LabelTable(dataset: FileSystem.stem(of: table.path), names: names)
    } catch {
      throw InputError(table.path, at: "column '\(label)'", error.description, advice: "Check the label column")
    }
  }
}
