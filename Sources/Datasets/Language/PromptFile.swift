public import Files

/// A file of prompts to answer, with golds where it has them.
///
/// CSV: a column `query`, `prompt` or `text`; the gold in `gpt-3.5-turbo`, `goldens`, `gold` or `completion`. JSONL: the same
/// keys, or `messages`, whose last assistant turn, if it is the last turn, is the gold.
public struct PromptFile: Sendable {
  public struct Row: Sendable {
    public let prompt: LanguageRow
    /// Empty where there is none.
    public let gold: String
  }

  /// The file's name without extension.
  public let name: String
  public let rows: [Row]

  private static let prompts = ["query", "prompt", "text"]
  private static let golds = ["gpt-3.5-turbo", "goldens", "gold", "completion"]

  /// - Throws: `InputError` naming file and row for what cannot be read, and the columns where none is a prompt.
  public static func read(_ path: String) throws(InputError) -> PromptFile {
    let name = FileSystem.stem(of: path)
    if path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson") {
      let lines = try JSONLines.read(path)
      if lines.first?.object["messages"] != nil { return PromptFile(name: name, rows: try conversations(lines, path, name)) }
    }
    let table = try Records.read(path)
    guard let prompt = prompts.first(where: table.has) else {
      throw InputError(path, at: "line 1", "found none of the columns \(prompts.joined(separator: ", "))", advice: "Rename the column with the prompts to query")
    }
    let (column, gold) = (try table.column(prompt), golds.first(where: table.has))
    let goldColumn: Int? = if let gold { try table.column(gold) } else { nil }
    guard !table.rows.isEmpty else { throw InputError(path, "has no rows, expected at least one", advice: "Check how the file was made") }
    let rows = table.rows.enumerated().map { index, fields in
      Row(prompt: row(.pair(prompt: fields[column], completion: ""), name, index, table.lines[index], fields[column]), gold: goldColumn.map { fields[$0] } ?? "")
    }
    return PromptFile(name: name, rows: rows)
  }

  private static func conversations(_ lines: [JSONLines.Row], _ path: String, _ name: String) throws(InputError) -> [Row] {
    var rows: [Row] = []
    for (index, line) in lines.enumerated() {
      let place = "line \(line.line), row \(index + 1)"
      func wrong(_ problem: String) -> InputError { InputError(path, at: place, problem, advice: "Correct that row") }
      guard var turns = line.object["messages"]?.array, !turns.isEmpty else { throw wrong("'messages' is empty or missing, expected {\"role\", \"content\"}") }
      var gold = ""
      if turns.last?["role"]?.string == "assistant" {
        gold = turns.last?["content"]?.string ?? ""
      } else {
        // The reader of conversations expects an answer; templates show what stands before it.
        turns.append(["role": "assistant", "content": ""])
      }
      let messages = try Conversation.messages(.array(turns), wrong)
      let text = messages.dropLast().map(\.content).joined(separator: "\u{1}")
      rows.append(Row(prompt: row(.messages(messages), name, index, line.line, text), gold: gold))
    }
    guard !rows.isEmpty else { throw InputError(path, "has no rows, expected at least one", advice: "Check how the file was made") }
    return rows
  }

  private static func row(_ content: LanguageRow.Content, _ name: String, _ index: Int, _ line: Int, _ text: String) -> LanguageRow {
    LanguageRow(id: ExampleID(dataset: name, split: .test, row: index + 1, digest: contentDigest(text)), line: line, content: content)
  }
}
