/// What a classifier reads of an example.
public enum TextView: String, Sendable, Hashable, CaseIterable {
  /// The explanation with its verdict.
  case full
  /// The explanation without marker and verdict: `LabelTable.strippedReasoning`.
  case reasoning
  /// The post alone.
  case post
  /// The question and the post as a pair, for sets whose questions differ (Irf, MultiWD).
  case postAndQuestion = "post+question"

  /// The first segment and, for pairs, the second. In a pair truncation belongs to the second segment, the post.
  public func segments(of example: Example, labels: LabelTable) -> (first: String, second: String?) {
    switch self {
    case .full: (example.text, nil)
    case .reasoning: (labels.strippedReasoning(example.text), nil)
    case .post: (example.post, nil)
    case .postAndQuestion: example.question.isEmpty ? (example.post, nil) : (example.question, example.post)
    }
  }
}
