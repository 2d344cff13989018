/// Text from ids that arrive one by one.
///
/// What `append` returns never ends inside a character, and all of it together with `finish` is exactly
/// `decode` of all the ids: the tokenizers decode with this very type.
/// ```swift
/// var decoder = tokenizer.streamingDecoder(skipSpecialTokens: true)
/// for id in ids { write(decoder.append(id)) }
/// write(decoder.finish())
/// ```
public struct StreamingDecoder: Sendable {
  private var assembler: TokenAssembler
  /// The token of an id; nil for one that is not shown.
  private let token: @Sendable (Int32) -> (String, SentencePieceRole)?

  init(_ decoder: TokenDecoder, token: @escaping @Sendable (Int32) -> (String, SentencePieceRole)?) {
    assembler = TokenAssembler(decoder)
    self.token = token
  }

  /// The text that is certain with this id; often empty in the middle of a character. Unknown ids are dropped.
  public mutating func append(_ id: Int32) -> String {
    guard let (token, role) = token(id) else { return "" }
    return assembler.append(token, role: role)
  }

  /// The text that was held back, broken characters replaced by U+FFFD. The decoder then begins anew.
  public mutating func finish() -> String { assembler.finish() }
}

extension Tokenizer {
  /// The text of `ids`; unknown ids are dropped, as the `tokenizers` library does.
  public func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
    var decoder = streamingDecoder(skipSpecialTokens: skipSpecialTokens)
    var text = ""
    for id in ids { text += decoder.append(id) }
    return text + decoder.finish()
  }
}
