/// One row to train a language model on, as it is written: no template applied, nothing tokenized.
public struct LanguageRow: Sendable, Hashable {
  /// What the row holds.
  public enum Content: Sendable, Hashable {
    /// Running text; all of it is learned.
    case text(String)
    /// A prompt and what should follow it.
    case pair(prompt: String, completion: String)
    /// A conversation; what the assistant says is learned.
    case messages([Message])
  }

  /// One turn of a conversation.
  public struct Message: Sendable, Hashable {
    public let role: Role
    public let content: String
    public init(_ role: Role, _ content: String) { (self.role, self.content) = (role, content) }
  }

  /// Who speaks.
  public enum Role: String, Sendable, Hashable, CaseIterable { case system, user, assistant }

  public let id: ExampleID
  /// The 1-based line it starts on.
  public let line: Int
  public let content: Content

  public init(id: ExampleID, line: Int, content: Content) { (self.id, self.line, self.content) = (id, line, content) }

  /// What is given to the model before anything is learned: what a split goes by, so that one prompt never falls on both sides.
  public var prompt: String {
    switch content {
    case .text(let text): text
    case .pair(let prompt, _): prompt
    case .messages(let messages): messages.prefix { $0.role != .assistant }.map(\.content).joined(separator: "\n")
    }
  }

  /// What should follow the prompt: the completion, the last turn of the assistant, or nothing for running text.
  public var completion: String {
    switch content {
    case .text: ""
    case .pair(_, let completion): completion
    case .messages(let messages): messages.last { $0.role == .assistant }?.content ?? ""
    }
  }
}
