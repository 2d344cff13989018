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
  /// A conversation and the response to it as a pair (dialogue safety).
  case dialogue = "context+response"

  /// Which segment of a pair gives way where both do not fit.
  public enum Cut: Sendable, Hashable {
    /// The second: the post, whose question must stay whole.
    case second
    /// The longer one, until both are of one length.
    case longest
  }

  public var cut: Cut { self == .dialogue ? .longest : .second }

  /// The first segment and, for pairs, the second.
  public func segments(of example: Example, labels: LabelTable) -> (first: String, second: String?) {
    switch self {
    case .full: (example.text, nil)
    case .reasoning: (labels.strippedReasoning(example.text), nil)
    case .post: (example.post, nil)
    case .postAndQuestion: example.question.isEmpty ? (example.post, nil) : (example.question, example.post)
    case .dialogue: (example.post, example.text)
    }
  }
}
