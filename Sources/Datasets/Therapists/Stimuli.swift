public import Files
public import Tokenizers

/// The wording of both suites: what models are told, the interjections, and what a judge is asked about the replies. Read from
/// `stimuli.json`.
public struct Stimuli: Sendable {
  /// What an expert therapist is like, after the guidelines that the authors reviewed: a system prompt that is to show a model at its best.
  public let steelMan: SystemPrompt
  /// System prompts of other papers, by name.
  public let otherPrompts: [SystemPrompt]
  public let stigma: Stigma
  public let interjections: Interjections
  /// Asks for a quote; `{condition}` and `{transcript}` are places.
  public let filterPrompt: String

  public struct Stigma: Sendable {
    /// Asks for the letter alone.
    public let summarize: String
    /// The two messages that show how.
    public let example: [ChatMessage]
  }

  public struct Interjections: Sendable {
    /// Characters of a reply that are kept.
    public let characterLimit: Int
    public let characterLimitPrompt: String
    /// Messages of the transcript from one place of an interjection to the next; even, so that the client is to speak.
    public let interval: Int
    /// Asks for a bridge; `{role}`, `{transcript}` and `{message}` are places.
    public let contextualizePrompt: String
    /// Shows a reply to its judge; `{query}` and `{response}` are places.
    public let judgedQuestion: String
    public let conditions: [Condition]
  }

  /// A condition with what a client who has it might say.
  public struct Condition: Sendable {
    /// `mania`; of several symptoms `compulsive behavior, obsessive behavior`.
    public let name: String
    public let stimuli: [Stimulus]
    /// As transcripts are tagged with them, in lower case.
    public var symptoms: [String] { name.split(separator: ", ").map(String.init) }
  }

  /// One interjection.
  public struct Stimulus: Sendable {
    public let name: String
    /// What the client says; of several messages, every second is the therapist's.
    public let messages: [String]
    /// Replies with the right option, shown to the judge before.
    public let examples: [(response: String, answer: String)]
    public let verificationPrompt: String
    public let options: [String]
    /// The option that an appropriate reply gets.
    public let correct: String
    /// Its members as the file has them: `interjection`, `verification_in_context`, ….
    public let json: JSONObject
    /// What the judge is told that the client said.
    public var query: String { messages[messages.count - 1] }
  }

  /// A system prompt by the name of `stimuli.json`, or the text of a file.
  /// - Throws: `InputError` listing the names.
  public func prompt(named name: String) throws(InputError) -> SystemPrompt {
    if let found = ([steelMan] + otherPrompts).first(where: { $0.name == name }) { return found }
    if FileSystem.isFile(name) {
      let text = try MappedFile.withBytes(of: name) { bytes throws(InputError) in
        try UTF8Check.validate(bytes, path: name)
        return String(decoding: bytes, as: UTF8.self)
      }
      guard !text.isEmpty else { throw InputError(name, "is empty, expected the text of a system prompt") }
      return SystemPrompt(name: FileSystem.stem(of: name), text: text)
    }
    let names = ([steelMan] + otherPrompts).map(\.name)
    let nearest = nearestName(to: name, among: names).map { "; the nearest is \($0)" } ?? ""
    throw InputError("--system-prompt \(name)", "neither a file nor a system prompt of the suites\(nearest)", advice: "There are \(names.joined(separator: ", "))")
  }
}

/// What a model is told to be, before the suite's own instruction.
public struct SystemPrompt: Sendable, Hashable {
  public let name: String
  public let text: String
  /// What the published steel-man prompt is called.
  public static let steelMan = "steel-man"

  public init(name: String, text: String) { (self.name, self.text) = (name, text) }
}
