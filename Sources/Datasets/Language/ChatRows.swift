public import Tokenizers

/// Rows as a chat model was shown conversations: a prompt is the user's turn, a completion the assistant's.
public struct ChatRows: PromptTemplate {
  public let template: ChatTemplate
  let tokenizer: any Tokenizer
  public var name: String { template.rawValue }

  public init(_ template: ChatTemplate, tokenizer: any Tokenizer) { (self.template, self.tokenizer) = (template, tokenizer) }

  public func sequence(of row: LanguageRow, by encoder: SequenceEncoder) throws(TemplateError) -> TargetedSequence {
    let shown = try shown(messages(of: row), addGenerationPrompt: false)
    return encoder.finished(row.id, shown.ids, shown.isTarget)
  }

  public func prompt(of row: LanguageRow, by encoder: SequenceEncoder) throws(TemplateError) -> [Int32] {
    let messages = try messages(of: row)
    let last = messages.lastIndex { $0.role == .assistant } ?? messages.count
    return encoder.begun(try shown(Array(messages[..<last]), addGenerationPrompt: true).ids)
  }

  private func messages(of row: LanguageRow) throws(TemplateError) -> [ChatMessage] {
    switch row.content {
    case .pair(let prompt, let completion): return [ChatMessage(.user, prompt), ChatMessage(.assistant, completion)]
    case .messages(let messages):
      return messages.map { message in
        let role: ChatMessage.Role = switch message.role { case .system: .system; case .user: .user; case .assistant: .assistant }
        return ChatMessage(role, message.content)
      }
    case .text: throw TemplateError("running text is no conversation; set data.template=plain")
    }
  }

  private func shown(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws(TemplateError) -> (ids: [Int32], isTarget: [Bool]) {
    do {
      return try template.prompt(messages, addGenerationPrompt: addGenerationPrompt).encode(tokenizer)
    } catch {
      throw TemplateError("\(error)")
    }
  }
}
