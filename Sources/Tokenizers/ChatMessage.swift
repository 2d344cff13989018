/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable {
  public enum Role: String, Sendable, Hashable, CaseIterable { case system, user, assistant }

  public var role: Role
  public var content: String

  public init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }
}

/// Why a conversation cannot be shown as asked. Names turns and tokens, never text.
public enum ChatTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The conversation is empty, or a turn is not the one that must follow. `turn` counts from 1.
  case turn(Int, found: String, expected: String)
  /// The template needs a token that the tokenizer does not have.
  case missingToken(String, template: String)
  /// The rendering has more than one begin token where it may have one.
  case repeatedBeginning(count: Int)
  /// A chat_template that is none of those known. `source` is the file and key.
  case unsupported(source: String, known: String)

  public var description: String {
    switch self {
    case .turn(let turn, let found, let expected): "turn \(turn) of the conversation: found \(found), expected \(expected)"
    case .missingToken(let token, let template):
      "the chat template \(template) needs the token \(token), which the tokenizer does not have; choose another template, or the tokenizer of a chat model"
    case .repeatedBeginning(let count): "the conversation has \(count) begin-of-sequence tokens, expected at most one"
    case .unsupported(let source, let known):
      "\(source) is none of the chat templates known here; name one of them: \(known)"
    }
  }
}
