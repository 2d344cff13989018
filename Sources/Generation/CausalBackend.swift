public import Torch

/// A decoder with a cache of several sequences, as the engine, beam search and scoring see it.
///
/// `CausalDecoder` is the CPU's. Implementations must give a sequence the same numbers whatever runs beside it.
public protocol CausalBackend: AnyObject {
  var vocabularySize: Int { get }
  /// Sequences that the cache holds.
  var slots: Int { get }
  /// Positions of a slot.
  var capacity: Int { get }

  /// Reads what a slot's tokens are to be about; encoder-decoders alone.
  func attend(to source: [Int32], slot: Int)
  /// Runs tokens, and gives the logits (wanted, vocabulary) and the likeliest successor of those that are wanted.
  func run(_ tokens: CausalDecoder.Tokens, isPrompt: Bool, logits: inout [Float]) -> [Int32]
  /// Runs prompt tokens, and gives the log probability of each wanted one's target and the likeliest id in its place.
  func logProbabilities(_ tokens: CausalDecoder.Tokens, targets: [Int32]) -> (values: [Float], best: [Int32])
  /// Copies positions of one slot into another.
  func copy(_ positions: Range<Int>, from source: Int, to target: Int)
}

extension CausalBackend {
  public func attend(to source: [Int32], slot: Int) { preconditionFailure("a decoder has no source; put it into the prompt") }
}

extension CausalDecoder: CausalBackend {
  public var vocabularySize: Int { shape.vocabulary }
  public var slots: Int { shape.slots }
  public var capacity: Int { shape.capacity }
}
