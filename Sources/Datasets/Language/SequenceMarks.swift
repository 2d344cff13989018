public import Files
public import Tokenizers

/// The ids that open and close a sequence, as a model's folder names them.
public struct SequenceMarks: Sendable, Hashable {
  /// BOS; nil for a model without.
  public var beginning: Int32?
  /// EOS; the first where a model has several.
  public var end: Int32?

  public init(beginning: Int32?, end: Int32?) { (self.beginning, self.end) = (beginning, end) }

  /// Reads `bos_token_id` and `eos_token_id` of `config.json`.
  /// - Throws: `InputError` when the folder has no such file, or an id is no token id.
  public static func read(_ folder: String) throws(InputError) -> SequenceMarks {
    let path = "\(folder)/config.json"
    let json = try JSON.read(path)
    func id(_ key: String) throws(InputError) -> Int32? {
      guard let value = json[key]?.array?.first ?? json[key], !value.isNull else { return nil }
      guard let id = value.int, let small = Int32(exactly: id), small >= 0 else {
        throw InputError(path, at: "key \"\(key)\"", "found \(value.kind), expected a token id", advice: "Correct the value")
      }
      return small
    }
    return SequenceMarks(beginning: try id("bos_token_id"), end: try id("eos_token_id"))
  }
}

extension PlainTemplate {
  /// What separates prompt and completion naturally: nothing where a tokenizer marks the start of a text like the start of a word
  /// (SentencePiece's `▁`), a space elsewhere.
  public static func separator(for tokenizer: any Tokenizer) -> String {
    let first = tokenizer.ids(of: "x").first.flatMap(tokenizer.token(of:))
    return first?.hasPrefix("▁") == true ? "" : " "
  }
}
