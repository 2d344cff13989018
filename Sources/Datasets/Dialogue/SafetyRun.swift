/// What one run of a system said of every row of the test set.
public struct SafetyRun: Sendable, Hashable {
  /// The seed or the round: `42`, `one`.
  public let name: String
  /// Labels by row.
  public let golds: [Int]
  /// Answers by row; nil where an answer names no label.
  public let predicted: [Int?]

  public init(name: String, golds: [Int], predicted: [Int?]) {
    precondition(golds.count == predicted.count, "SafetyRun: \(golds.count) golds, \(predicted.count) answers")
    (self.name, self.golds, self.predicted) = (name, golds, predicted)
  }

  public var unparsed: Int { predicted.count { $0 == nil } }

  /// One line a row, as upstream's predictions say it and `SafetyPredictions` reads it; no text.
  public var lines: String {
    var text = ""
    for (index, (gold, answer)) in zip(golds, predicted).enumerated() {
      let run = Int(name).map { "\"seed\": \($0)" } ?? "\"round\": \"\(name)\""
      text += "{\(run), \"index\": \(index), \"label\": \(gold), \"predict_label\": \(answer.map(String.init) ?? "null")}\n"
    }
    return text
  }
}

/// A model, or a model with a way to ask it, and its runs over the same rows.
public struct SafetySystem: Sendable, Hashable {
  public let name: String
  public let runs: [SafetyRun]

  /// - Parameter runs: put in order: seeds by number, rounds `one`, `two`, … by what they say.
  public init(name: String, runs: [SafetyRun]) {
    self.name = name
    self.runs = runs.sorted { (Self.rank($0.name), $0.name) < (Self.rank($1.name), $1.name) }
  }

  private static func rank(_ name: String) -> Int {
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return Int(name) ?? words.firstIndex(of: name).map { $0 + 1 } ?? .max
  }
}
