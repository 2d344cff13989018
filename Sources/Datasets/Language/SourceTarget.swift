public import Files
public import Tokenizers

/// Rows as an encoder-decoder reads them: the prompt is the source and the completion the target, each with the special tokens that
/// the tokenizer puts around a text.
///
/// ```
/// <s> prompt … </s>  <s> completion … </s>        the row: source, then target
///  ·    ·       ·    learned …   learned
/// ```
/// The two have `maxLength` tokens each. A longer source is cut on the encoder's side, a longer target at its end; special tokens stay.
public struct SourceTarget: PromptTemplate {
  public let name = "source and target"
  let tokenizer: any Tokenizer

  public init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

  public func sequence(of row: LanguageRow, by encoder: SequenceEncoder) throws(TemplateError) -> TargetedSequence {
    let pair = try texts(of: row)
    let (source, cutPrompt) = try ids(of: pair.source, encoder.maxLength, encoder.side)
    let (target, cutTarget) = try ids(of: pair.target, encoder.maxLength, .right)
    let learned = pair.target.isEmpty ? [] : target
    return TargetedSequence(
      id: row.id, ids: source + learned, isTarget: [Bool](repeating: false, count: source.count) + learned.map { _ in true }, cutPrompt: cutPrompt,
      cutTarget: cutTarget)
  }

  /// The source.
  public func prompt(of row: LanguageRow, by encoder: SequenceEncoder) throws(TemplateError) -> [Int32] {
    try ids(of: try texts(of: row).source, encoder.maxLength, encoder.side).ids
  }

  private func texts(of row: LanguageRow) throws(TemplateError) -> (source: String, target: String) {
    switch row.content {
    case .pair(let prompt, let completion): return (prompt, completion)
    case .text: throw TemplateError("running text has no source; an encoder-decoder needs a prompt and a completion")
    case .messages: throw TemplateError("a conversation has no source and target; an encoder-decoder needs a prompt and a completion")
    }
  }

  private func ids(of text: String, _ limit: Int, _ side: TextSide) throws(TemplateError) -> (ids: [Int32], cut: Int) {
    do {
      let whole = try tokenizer.encode(text).ids
      guard whole.count > limit else { return (whole, 0) }
      let truncation = Truncation(maximumLength: limit, side: side)
      let kept = try tokenizer.encode(text, pair: nil, options: EncodingOptions(truncation: truncation)).ids
      return (kept, whole.count - kept.count)
    } catch {
      throw TemplateError("\(error)")
    }
  }
}
