/// What a model is trained towards.
public enum Target: Sendable, Hashable {
  /// One class out of several.
  case label(Int32)
  /// 0 or 1 for each of several labels that may hold together.
  case flags([Float])
  /// A number to predict.
  case value(Float)
  /// Whether each token is to be predicted from the ones before it.
  case tokens([Bool])
}

/// An example as token ids: what crosses from the tokenizer's thread to the training loop, which pads and batches.
public struct EncodedExample: Sendable, Hashable {
  /// The position of the example in the array it came from; errors name its row through it.
  public let index: Int
  /// Token ids with special tokens, no padding, already truncated.
  public let ids: [Int32]
  /// Segment ids, as long as `ids`; empty means all zero.
  public let typeIDs: [Int32]
  public let target: Target

  public init(index: Int, ids: [Int32], typeIDs: [Int32] = [], target: Target) {
    precondition(typeIDs.isEmpty || typeIDs.count == ids.count, "EncodedExample: \(typeIDs.count) segment ids for \(ids.count) tokens")
    (self.index, self.ids, self.typeIDs, self.target) = (index, ids, typeIDs, target)
  }
}
