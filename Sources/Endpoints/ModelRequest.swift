public import Tokenizers

/// One question to a model.
public struct ModelRequest: Sendable, Hashable {
  public enum Content: Sendable, Hashable {
    /// A conversation; a model without a chat template gets its turns as text.
    case chat([ChatMessage])
    /// To be continued as it stands.
    case text(String)
  }

  public var content: Content
  public var maximumTokens: Int
  /// 0 takes the likeliest token.
  public var temperature = 0.0
  /// Keeps the smallest set of likeliest tokens whose probabilities reach this sum; 1 keeps all.
  public var topP = 1.0
  public var stop: [String] = []
  public var seed: UInt64?
  /// Tells the first asking of the same question from the second; part of the key under which an answer is cached.
  public var repetition = 0
  /// The run that asks, where it was given a name: runs of different names do not take each other's answers from a cache. Decides no answer.
  public var run: String?

  public init(_ content: Content, maximumTokens: Int, temperature: Double = 0, seed: UInt64? = nil, run: String? = nil) {
    (self.content, self.maximumTokens, self.temperature, self.seed, self.run) = (content, maximumTokens, temperature, seed, run)
  }
}

/// What became of a request. A failure is never an answer.
public enum ModelReply: Sendable, Equatable {
  case answer(ModelAnswer)
  /// Nobody answered, and why; names statuses and limits, never text of the request.
  case unanswered(String)
}

public struct ModelAnswer: Sendable, Equatable {
  public enum Finish: String, Sendable, Equatable {
    /// The model ended it.
    case end
    /// At a stop string.
    case stop
    /// As many tokens as were allowed.
    case length
    /// The provider's filter cut it or left it out.
    case filtered
  }

  public var text: String
  public var finish: Finish
  public var promptTokens: Int?
  public var answerTokens: Int?
  /// Which model answered, as the server says.
  public var model: String?
  /// From the cache: nothing was sent, nothing paid.
  public var isCached = false

  public init(text: String, finish: Finish, promptTokens: Int? = nil, answerTokens: Int? = nil, model: String? = nil) {
    (self.text, self.finish, self.promptTokens, self.answerTokens, self.model) = (text, finish, promptTokens, answerTokens, model)
  }
}

/// Continuations of one prompt whose probabilities are asked for.
public struct ScoreRequest: Sendable, Hashable {
  public var content: ModelRequest.Content
  public var continuations: [String]
  /// As of a `ModelRequest`.
  public var run: String?

  public init(_ content: ModelRequest.Content, continuations: [String], run: String? = nil) {
    (self.content, self.continuations, self.run) = (content, continuations, run)
  }
}

public enum ScoreReply: Sendable, Equatable {
  /// log p of the tokens of each continuation, in their order.
  case scores([[Double]])
  case unanswered(String)
}
