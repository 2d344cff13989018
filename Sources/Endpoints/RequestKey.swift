import Files
import Tokenizers

/// Digests that stand for requests: in caches, batch files and stored answers. What was asked cannot be read from them.
extension ModelRequest {
  /// Everything that decides the answer but the model, as SHA-256 in hexadecimal.
  public var key: String { Self.digest(json) }

  /// The same with the model and the run that asks: the name of an answer in the cache and in batch files.
  func key(_ identity: String) -> String { Self.key(json, identity, run) }

  static func key(_ asked: JSONObject, _ identity: String, _ run: String?) -> String {
    var object = asked
    object["model"] = .string(identity)
    // Without a name nothing: answers that were kept before runs had names are found.
    if let run { object["run"] = .string(run) }
    return digest(object)
  }

  private var json: JSONObject {
    var object = Self.json(content)
    object["maximum_tokens"] = .integer(maximumTokens)
    object["temperature"] = .number(temperature)
    object["top_p"] = .number(topP)
    object["stop"] = .array(stop.map(JSON.string))
    object["seed"] = seed.map { .string("\($0)") } ?? .null
    object["repetition"] = .integer(repetition)
    return object
  }

  /// What is asked, without how.
  static func json(_ content: Content) -> JSONObject {
    switch content {
    case .text(let prompt): ["prompt": .string(prompt)]
    case .chat(let messages): ["messages": OpenAIDialect.json(messages)]
    }
  }

  static func digest(_ object: JSONObject) -> String {
    Array(JSON.object(object).encoded(sortedKeys: true).utf8).withUnsafeBytes(SHA256.digest)
  }
}

extension ScoreRequest {
  func key(_ identity: String) -> String { ModelRequest.key(json, identity, run) }

  var json: JSONObject {
    var object = ModelRequest.json(content)
    object["continuations"] = .array(continuations.map(JSON.string))
    return object
  }
}
