public import Torch

/// A decoder with a cache of several sequences, as the engine, beam search and scoring see it.
///
/// `CausalDecoder` is the CPU's, `ComposedDecoder` that of other devices. A sequence's numbers do not depend on what runs beside it:
/// bit for bit with the first, up to the rounding of the libraries' products with the second.
public protocol CausalBackend: AnyObject {
  var vocabularySize: Int { get }
  /// Sequences that the cache holds.
  var slots: Int { get }
  /// Positions of a slot.
  var capacity: Int { get }
  /// Waiting prompts go into one call until it has this many tokens.
  var promptTokens: Int { get }
  /// Tokens of a prompt that may be computed in calls of their own without a change to any number; nil where only whole prompts give the same numbers.
  var promptPiece: Int? { get }

  /// Reads what a slot's tokens are to be about; encoder-decoders alone.
  func attend(to source: [Int32], slot: Int)
  /// Runs tokens, and gives the logits (wanted, vocabulary) and the likeliest successor of those that are wanted.
  func run(_ tokens: CausalDecoder.Tokens, isPrompt: Bool, logits: inout [Float]) -> [Int32]
  /// The likeliest successors alone.
  func likeliest(_ tokens: CausalDecoder.Tokens, isPrompt: Bool) -> [Int32]
  /// Runs prompt tokens, and gives the log probability of each wanted one's target and the likeliest id in its place.
  func logProbabilities(_ tokens: CausalDecoder.Tokens, targets: [Int32]) -> (values: [Float], best: [Int32])
  /// Copies positions of one slot into another.
  func copy(_ positions: Range<Int>, from source: Int, to target: Int)
}

extension CausalBackend {
  public var promptPiece: Int? { nil }
  public func attend(to source: [Int32], slot: Int) { preconditionFailure("a decoder has no source; put it into the prompt") }
}

extension CausalDecoder: CausalBackend {
  public var vocabularySize: Int { shape.vocabulary }
  public var slots: Int { shape.slots }
  public var capacity: Int { shape.capacity }
  public var promptTokens: Int { .max }
  /// As many as its kernels take together: smaller pieces would read the weights more often.
  public var promptPiece: Int? { 256 }
}

extension ComposedDecoder: CausalBackend {
  public var vocabularySize: Int { shape.vocabulary }
  public var slots: Int { shape.slots }
  public var capacity: Int { shape.capacity }
  public var promptTokens: Int { 8192 }
}
