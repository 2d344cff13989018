/// A row as token ids with the positions that are learned.
public struct TargetedSequence: Sendable, Hashable {
  public let id: ExampleID
  /// With the beginning-of-sequence token once, at the start, where the model has one.
  public let ids: [Int32]
  /// As long as `ids`. True at `i` where the model learns to say token `i` after the ones before it; by position, so that a token
  /// that pads elsewhere may be learned here. Never true at 0: nothing stands before it.
  public let isTarget: [Bool]
  /// Tokens that `maxLength` took from the prompt, and from what was to be learned.
  public let cutPrompt, cutTarget: Int

  public init(id: ExampleID, ids: [Int32], isTarget: [Bool], cutPrompt: Int = 0, cutTarget: Int = 0) {
    precondition(ids.count == isTarget.count, "TargetedSequence: \(isTarget.count) flags for \(ids.count) tokens")
    precondition(isTarget.first != true, "TargetedSequence: the first token cannot be learned")
    (self.id, self.ids, self.isTarget, self.cutPrompt, self.cutTarget) = (id, ids, isTarget, cutPrompt, cutTarget)
  }

  /// Tokens that are learned.
  public var targetCount: Int { isTarget.count { $0 } }

  /// The row as the training loop takes it.
  public func example(_ index: Int) -> EncodedExample { EncodedExample(index: index, ids: ids, target: .tokens(isTarget)) }
}
