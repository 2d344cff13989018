public import Files

/// What became of a row.
public enum AnswerState: String, Sendable, CaseIterable {
  case answered
  /// An answer of white space: no label, no credit.
  case empty
  /// Never answered. In no score.
  case missing
  /// The row cannot be read. In no score.
  case unreadable
}

/// One row of a test set after labelling and scoring: a line of `samples.jsonl`. Holds no text, so it may be passed on.
public struct IMHISample: Sendable, Hashable {
  public let dataset: String
  /// From 1, the header not counted.
  public let row: Int
  /// Digest of the gold explanation: rows are compared with the same rows of another system only.
  public let digest: String
  public let state: AnswerState
  /// Label ids. The gold's is nil when no rule reads it; the others when the answer has none.
  public let gold: Int?
  /// Read from the answer by rule.
  public let rule: Int?
  /// As labelled: a stated verdict, else the classifier; or what the file says. nil too where nothing labelled the set.
  public let label: Int?
  /// Scores of the text by name.
  public let scores: [String: Double]

  public init(
    dataset: String, row: Int, digest: String, state: AnswerState, gold: Int?, rule: Int?, label: Int?, scores: [String: Double]
  ) {
    (self.dataset, self.row, self.digest, self.state) = (dataset, row, digest, state)
    (self.gold, self.rule, self.label, self.scores) = (gold, rule, label, scores)
  }

  /// In scores of labels: the gold is known, and there is an answer.
  public var isJudged: Bool { gold != nil && (state == .answered || state == .empty) }

  public var json: JSON {
    [
      "dataset": .string(dataset), "row": .integer(row), "digest": .string(digest), "state": .string(state.rawValue), "gold": Self.json(gold),
      "rule": Self.json(rule), "label": Self.json(label),
      "scores": .object(JSONObject(scores.sorted { $0.key < $1.key }.map { ($0.key, JSON.number($0.value)) })),
    ]
  }

  /// - Throws: `InputError` naming the line, for anything that is not a line of `samples.jsonl`.
  public init(_ json: JSON, path: String, line: Int) throws(InputError) {
    guard let dataset = json["dataset"]?.string, let row = json["row"]?.int, let digest = json["digest"]?.string,
      let state = json["state"]?.string.flatMap(AnswerState.init), let scores = json["scores"]?.object
    else {
      throw InputError(path, at: "line \(line)", "not a sample: expected dataset, row, digest, state and scores", advice: "Name the folder of a run of attune eval imhi")
    }
    self.init(
      dataset: dataset, row: row, digest: digest, state: state, gold: json["gold"]?.int, rule: json["rule"]?.int, label: json["label"]?.int,
      scores: Dictionary(scores.compactMap { key, value in value.double.map { (key, $0) } }, uniquingKeysWith: { first, _ in first }))
  }

  /// The samples of a run, by set.
  public static func read(_ folder: String) throws(InputError) -> [String: [IMHISample]] {
    let path = "\(folder)/samples.jsonl"
    guard FileSystem.isFile(path) else { throw InputError(path, "no such file", advice: "Name the folder of a finished run of attune eval imhi") }
    var samples: [String: [IMHISample]] = [:]
    try LineJournal.read(path) { line, json throws(InputError) in
      let sample = try IMHISample(json, path: path, line: line)
      samples[sample.dataset, default: []].append(sample)
    }
    return samples
  }

  private static func json(_ id: Int?) -> JSON { id.map(JSON.integer) ?? .null }
}
