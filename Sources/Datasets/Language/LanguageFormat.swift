internal import Files

/// What the columns of a CSV file, or the keys of a JSONL file, are. The first format whose names are all there is the file's.
public enum LanguageFormat: String, Sendable, CaseIterable {
  /// `messages`: an array of `{"role", "content"}`. JSONL only.
  case messages
  /// `query`, `gpt-3.5-turbo`: IMHI's instruction, test and expert files.
  case instruction
  /// `post`, `question`, `response`: IMHI's completion training files; post and question, end to end, are the prompt.
  case completion
  /// `prompt`, `completion`.
  case promptCompletion
  /// `query`, `response`.
  case queryResponse
  /// `instruction`, `output`, and where it is there `input`, which follows the instruction on a line of its own.
  case alpaca
  /// `text`.
  case text

  /// The names that must be there.
  public var columns: [String] {
    switch self {
    case .messages: ["messages"]
    case .instruction: ["query", "gpt-3.5-turbo"]
    case .completion: ["post", "question", "response"]
    case .promptCompletion: ["prompt", "completion"]
    case .queryResponse: ["query", "response"]
    case .alpaca: ["instruction", "output"]
    case .text: ["text"]
    }
  }

  /// The format of a file with these columns or keys; nil when none fits.
  static func of(_ names: [String]) -> LanguageFormat? { allCases.first { $0.columns.allSatisfy(names.contains) } }

  /// `query, gpt-3.5-turbo; post, question, response; …`, for messages.
  static var list: String { allCases.map { $0.columns.joined(separator: ", ") }.joined(separator: "; ") }

  /// The content of a row of text fields.
  func content(_ field: (String) throws(InputError) -> String?) throws(InputError) -> LanguageRow.Content {
    func text(_ name: String) throws(InputError) -> String { try field(name) ?? "" }
    switch self {
    case .messages: return .messages([])
    case .instruction: return .pair(prompt: try text("query"), completion: try text("gpt-3.5-turbo"))
    case .completion: return .pair(prompt: try text("post") + text("question"), completion: try text("response"))
    case .promptCompletion: return .pair(prompt: try text("prompt"), completion: try text("completion"))
    case .queryResponse: return .pair(prompt: try text("query"), completion: try text("response"))
    case .alpaca:
      let input = try text("input")
      return .pair(prompt: try text("instruction") + (input.isEmpty ? "" : "\n\(input)"), completion: try text("output"))
    case .text: return .text(try text("text"))
    }
  }
}
