public import Files

/// Answers that exist, in place of a model: a JSON Lines file, so that a suite runs without weights and without a server.
///
/// A line names its request and holds the answer:
/// ```
/// {"messages": [{"role": "user", "content": "…"}], "text": "B", "repetition": 0}
/// {"prompt": "…", "text": " continued", "finish": "length"}
/// {"key": "9f86d0…", "text": "C"}
/// {"prompt": "…", "continuations": [" A", " B"], "scores": [[-0.1], [-2.3, -0.4]]}
/// ```
/// A request is found by its content, whatever the order of the lines: by `key` (`ModelRequest.key`) exactly as it was asked, else by `messages` or
/// `prompt` in any decoding. Of lines with the same content the first answers the first repetition, the next the second, unless `repetition` says
/// otherwise. A request without a line is unanswered.
public final class StoredModel: LanguageModel {
  public let name: String
  public let identity: String
  public let canScore: Bool

  private var answers: [String: ModelAnswer] = [:]
  private var scores: [String: [[Double]]] = [:]

  /// - Throws: `InputError` naming the line that is no answer.
  public init(_ path: String) throws(InputError) {
    let file = FileSystem.name(of: path)
    name = file.hasSuffix(".jsonl") ? String(file.dropLast(6)) : file
    identity = "stored \(try SHA256.digest(ofFile: path))"
    var answers: [String: ModelAnswer] = [:]
    var scores: [String: [[Double]]] = [:]
    var seen: [String: Int] = [:]
    try JSONLinesFile.read(path) { line, json throws(InputError) in
      func wrong(_ problem: String) -> InputError {
        InputError(path, at: "line \(line)", problem, advice: "Expected key, messages or prompt, with text; or continuations with scores")
      }
      if json["scores"] != nil {
        guard let values = KeptScores.read(json), let content = Self.content(json), let list = json["continuations"]?.array, list.count == values.count else {
          throw wrong("no scores: a list of numbers for each of the continuations")
        }
        var object = content
        object["continuations"] = .array(list)
        guard scores.updateValue(values, forKey: ModelRequest.digest(object)) == nil else { throw wrong("scores what an earlier line scores") }
        return
      }
      guard let answer = ModelAnswer(json) else { throw wrong("text is missing, or finish is none of end, stop, length, filtered") }
      let key: String
      if let given = json["key"]?.string {
        key = given
      } else {
        guard let content = Self.content(json) else { throw wrong("names no request") }
        let digest = ModelRequest.digest(content)
        let repetition = json["repetition"]?.int ?? seen[digest] ?? 0
        seen[digest] = repetition + 1
        key = "\(digest) \(repetition)"
      }
      guard answers.updateValue(answer, forKey: key) == nil else { throw wrong("answers what an earlier line answers") }
    }
    (self.answers, self.scores, canScore) = (answers, scores, !scores.isEmpty)
    guard !answers.isEmpty || !scores.isEmpty else { throw InputError(path, "holds no answer", advice: "Expected JSON Lines with messages or prompt, and text") }
  }

  /// What a line is the answer to.
  private static func content(_ json: JSON) -> JSONObject? {
    if let prompt = json["prompt"]?.string { return ["prompt": .string(prompt)] }
    guard let messages = json["messages"]?.array, messages.allSatisfy({ $0["role"]?.string != nil && $0["content"]?.string != nil }) else { return nil }
    return ["messages": .array(messages.map { ["role": $0["role"] ?? .null, "content": $0["content"] ?? .null] })]
  }

  public func answer(_ requests: [ModelRequest], until isStopped: () -> Bool, each: (Int, ModelReply) throws -> Void) throws {
    for (index, request) in requests.enumerated() {
      if isStopped() { return }
      let answer = answers[request.key] ?? answers["\(ModelRequest.digest(ModelRequest.json(request.content))) \(request.repetition)"]
      try each(index, answer.map { .answer($0) } ?? .unanswered("no stored answer"))
    }
  }

  public func score(_ requests: [ScoreRequest], until isStopped: () -> Bool, each: (Int, ScoreReply) throws -> Void) throws {
    for (index, request) in requests.enumerated() {
      if isStopped() { return }
      try each(index, scores[ModelRequest.digest(request.json)].map { .scores($0) } ?? .unanswered("no stored scores"))
    }
  }
}
