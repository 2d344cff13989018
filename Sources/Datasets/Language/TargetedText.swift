/// A row as text in parts, each either given to the model or learned by it.
public struct TargetedText: Sendable, Hashable {
  /// A stretch that is tokenized on its own. The ids of a row are those of its segments end to end, so no token reaches over
  /// a boundary, and a prompt has the same ids here as when the model is asked to continue it.
  public struct Segment: Sendable, Hashable {
    public let text: String
    /// True where the model learns to say this.
    public let isTarget: Bool
    /// True where an end-of-sequence token follows, which belongs to the segment: after a target it is learned too.
    public let ends: Bool

    public init(_ text: String, isTarget: Bool, ends: Bool = false) { (self.text, self.isTarget, self.ends) = (text, isTarget, ends) }
  }

  public let id: ExampleID
  public let segments: [Segment]

  public init(id: ExampleID, segments: [Segment]) { (self.id, self.segments) = (id, segments) }
}

/// Turns rows into text.
public protocol PromptTemplate: Sendable {
  /// As recipes and errors name it.
  var name: String { get }
  /// The row as ids, with the positions that are learned.
  /// - Throws: `TemplateError` for a row this template cannot show.
  func sequence(of row: LanguageRow, by encoder: SequenceEncoder) throws(TemplateError) -> TargetedSequence
  /// What stands before the last answer of the row: what a model is asked to continue.
  func prompt(of row: LanguageRow, by encoder: SequenceEncoder) throws(TemplateError) -> [Int32]
}

/// Why a template cannot show a row.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// The prompt as it is, then the completion, then the end: IMHI's files carry their wording in their rows.
public struct PlainTemplate: PromptTemplate {
  public let name = "plain"
  /// What stands between prompt and completion, unless the prompt ends in white space; it belongs to the completion.
  public let separator: String

  public init(separator: String) { self.separator = separator }

  public func sequence(of row: LanguageRow, by encoder: SequenceEncoder) throws(TemplateError) -> TargetedSequence {
    encoder.encode(try text(of: row))
  }

  /// What the row reads like, and which parts are learned.
  public func text(of row: LanguageRow) throws(TemplateError) -> TargetedText {
    switch row.content {
    case .text(let text): return TargetedText(id: row.id, segments: [.init(text, isTarget: true, ends: true)])
    case .pair(let prompt, let completion):
      // A completion that opens with white space brings its own separator.
      let joins = prompt.isEmpty || prompt.last?.isWhitespace == true || completion.first?.isWhitespace == true
      return TargetedText(
        id: row.id,
        segments: [.init(prompt, isTarget: false), .init((joins ? "" : separator) + completion, isTarget: !completion.isEmpty, ends: !completion.isEmpty)])
    case .messages: throw Self.needsChat
    }
  }

  public func prompt(of row: LanguageRow, by encoder: SequenceEncoder) throws(TemplateError) -> [Int32] {
    if case .messages = row.content { throw Self.needsChat }
    return encoder.encode(prompt: row.prompt)
  }

  private static let needsChat = TemplateError("a conversation needs a chat template; the plain one shows a prompt and a completion. Set data.template")
}
