public import Files

/// A file of rows to train a language model on, read whole. Nothing is dropped or cut here.
public struct LanguageFile: Sendable {
  public let path: String
  public let split: Split
  public let format: LanguageFormat
  public let rows: [LanguageRow]

  /// Reads a `.csv`, `.jsonl` or `.ndjson` file; `LanguageFormat` lists what may stand in it.
  /// - Parameters:
  ///   - split: for ids; by default what the file's name says, else training.
  ///   - dataset: for ids; by default the file's name, or its folder's where the file is called `train` or the like.
  /// - Throws: `InputError` naming file and row for what cannot be read, has no known columns, or is empty.
  public static func read(_ path: String, split: Split? = nil, dataset: String? = nil) throws(InputError) -> LanguageFile {
    let split = split ?? namedSplit(path) ?? .train
    let dataset = dataset ?? datasetName(path)
    let (format, rows): (LanguageFormat, [LanguageRow])
    if path.hasSuffix(".csv") {
      (format, rows) = try table(CSVReader.read(path), dataset, split)
    } else if path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson") {
      (format, rows) = try lines(JSONLines.read(path), path, dataset, split)
    } else {
      throw InputError(path, "found another kind of file, expected .csv or .jsonl", advice: "Rename or convert it")
    }
    guard !rows.isEmpty else { throw InputError(path, "has no rows, expected at least one", advice: "Check how the file was made") }
    return LanguageFile(path: path, split: split, format: format, rows: rows)
  }

  private static func table(
    _ table: CSVTable, _ dataset: String, _ split: Split
  ) throws(InputError) -> (LanguageFormat, [LanguageRow]) {
    guard let format = LanguageFormat.of(table.header.filter { $0 != "messages" }) else { throw unknown(table.path, "line 1", "columns", table.header) }
    var columns: [String: Int] = [:]
    for (index, name) in table.header.enumerated() where !name.isEmpty { columns[name] = index }
    var rows: [LanguageRow] = []
    rows.reserveCapacity(table.rows.count)
    for (index, fields) in table.rows.enumerated() {
      let content = try format.content { name throws(InputError) in columns[name].map { fields[$0] } }
      rows.append(row(content, dataset, split, index, line: table.lines[index]))
    }
    return (format, rows)
  }

  private static func lines(
    _ lines: [JSONLines.Row], _ path: String, _ dataset: String, _ split: Split
  ) throws(InputError) -> (LanguageFormat, [LanguageRow]) {
    guard let first = lines.first else { return (.text, []) }
    guard let format = LanguageFormat.of(first.object.keys) else { throw unknown(path, "line \(first.line)", "keys", first.object.keys) }
    var rows: [LanguageRow] = []
    rows.reserveCapacity(lines.count)
    for (index, line) in lines.enumerated() {
      let place = "line \(line.line), row \(index + 1)"
      func wrong(_ problem: String) -> InputError { InputError(path, at: place, problem, advice: "Correct that row") }
      let content: LanguageRow.Content
      if format == .messages {
        content = .messages(try Conversation.messages(line.object["messages"], wrong))
      } else {
        content = try format.content { name throws(InputError) in
          guard let value = line.object[name] else {
            if format.columns.contains(name) { throw wrong("no key '\(name)', which the first row has") }
            return nil
          }
          guard let text = value.string else { throw wrong("'\(name)' is \(value.kind), expected text") }
          return text
        }
      }
      rows.append(row(content, dataset, split, index, line: line.line))
    }
    return (format, rows)
  }

  private static func row(_ content: LanguageRow.Content, _ dataset: String, _ split: Split, _ index: Int, line: Int) -> LanguageRow {
    let digest: UInt64
    switch content {
    case .text(let text): digest = contentDigest(text)
    case .pair(let prompt, let completion): digest = contentDigest(prompt, completion)
    case .messages(let messages): digest = contentDigest(messages.map { "\($0.role.rawValue)\u{1}\($0.content)" }.joined(separator: "\u{2}"))
    }
    return LanguageRow(id: ExampleID(dataset: dataset, split: split, row: index + 1, digest: digest), line: line, content: content)
  }

  private static func unknown(_ path: String, _ place: String, _ what: String, _ found: [String]) -> InputError {
    let shown = found.prefix(12).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
    return InputError(path, at: place, "found the \(what) \(shown); expected one of these sets: \(LanguageFormat.list)", advice: "Rename them")
  }

  /// `train`, `val` or `test` in the file's name.
  static func namedSplit(_ path: String) -> Split? {
    let name = FileSystem.stem(of: path).lowercased()
    return name.contains("train") ? .train : name.contains("val") ? .validation : name.contains("test") ? .test : nil
  }

  /// `DR` for `DR.csv`, `DR/train.csv` and `DR/reddit_train.csv`.
  public static func datasetName(_ path: String) -> String {
    let parts = path.split(separator: "/").map(String.init)
    guard namedSplit(path) != nil, parts.count > 1 else { return FileSystem.stem(of: path) }
    return parts[parts.count - 2]
  }
}

/// Reads and checks the turns of a conversation.
enum Conversation {
  /// - Parameter wrong: makes the error for this row.
  static func messages(_ value: JSON?, _ wrong: (String) -> InputError) throws(InputError) -> [LanguageRow.Message] {
    guard let turns = value?.array else { throw wrong("'messages' is \(value?.kind ?? "missing"), expected an array of {\"role\", \"content\"}") }
    var messages: [LanguageRow.Message] = []
    for (index, turn) in turns.enumerated() {
      let roles = LanguageRow.Role.allCases.map(\.rawValue).joined(separator: ", ")
      guard let name = turn["role"]?.string, let role = LanguageRow.Role(rawValue: name) else {
        throw wrong("message \(index + 1) has the role \(turn["role"]?.string.map { "'\($0.prefix(40))'" } ?? "of nobody"), expected one of \(roles)")
      }
      guard let content = turn["content"]?.string else {
        throw wrong("the content of message \(index + 1) is \(turn["content"]?.kind ?? "missing"), expected text")
      }
      guard role != .system || index == 0 else { throw wrong("message \(index + 1) is the system's, expected it only at the start") }
      messages.append(.init(role, content))
    }
    guard messages.contains(where: { $0.role == .assistant }) else { throw wrong("no message is the assistant's, so nothing could be learned") }
    return messages
  }
}
