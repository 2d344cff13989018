public import NN
public import Torch

/// A network that reads a source and writes a target, with its language-model head.
public protocol EncoderDecoder {
  /// What the decoder attends to, (source tokens, hidden).
  /// - Parameter checkpoints: keeps only each layer's input for the backward pass, which computes the rest again: the same gradients.
  func encode(_ source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor
  /// What the head is applied to, (target tokens, hidden), for rows of decoder inputs beside the rows of `source`.
  func decode(_ target: PackedTokens, memory: Tensor, of source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor
  /// The embeddings' output and each layer's, the last one as the decoder gets it.
  func encoderHiddenStates(_ source: PackedTokens) -> [Tensor]
  /// The same of the decoder, the last one before the head's scale.
  func decoderHiddenStates(_ target: PackedTokens, memory: Tensor, of source: PackedTokens) -> [Tensor]

  /// The head's weight, (vocabulary, hidden), its adapter's update included, and what is added to the logits, (vocabulary).
  var head: Tensor { get }
  var headBias: Tensor? { get }
}

extension EncoderDecoder {
  /// The decoder's output for pairs of rows.
  public func callAsFunction(_ pairs: PackedPairs, _ mode: Mode = .evaluation, checkpoints: Bool = false) -> Tensor {
    let memory = encode(pairs.source, mode, checkpoints: checkpoints)
    return decode(pairs.inputs, memory: memory, of: pairs.source, mode, checkpoints: checkpoints)
  }

  /// Logits of the next token, (tokens, vocabulary) float32, of the decoder's output.
  public func logits(_ hidden: Tensor) -> Tensor {
    let logits = hidden.linear([head], nil).to(.float32)
    return headBias.map { logits + $0 } ?? logits
  }

  /// Σ -ln p(target) over the tokens, a float32 scalar.
  public func loss(_ hidden: Tensor, targets: Tensor) -> Tensor {
    let (hidden, weight) = folded(hidden)
    return hidden.linearCrossEntropy(weight: weight, targets: targets)
  }

  /// ln p(target) of each token, (tokens) float32, without gradients.
  public func logProbabilities(_ hidden: Tensor, targets: Tensor) -> Tensor {
    withoutGradients {
      let (hidden, weight) = folded(hidden)
      return hidden.tokenLogProbabilities(weight: weight, targets: targets)
    }
  }

  /// The bias as one more column of the weight, for a one in every row: the fused losses take no bias.
  private func folded(_ hidden: Tensor) -> (hidden: Tensor, weight: Tensor) {
    guard let headBias else { return (hidden, head) }
    let ones = Tensor.ones([hidden.size(0), 1], dtype: hidden.dtype, device: hidden.device)
    return (.concatenated([hidden, ones], dim: 1), .concatenated([head, headBias.to(head.dtype).unsqueezed(1)], dim: 1))
  }
}

/// Sources and what is to be predicted from them, row by row.
public struct PackedPairs {
  public let source: PackedTokens
  /// What the decoder reads: each target one place later, behind the start token.
  public let inputs: PackedTokens
  /// What it is to predict, (target tokens) int64.
  public let targets: Tensor

  /// - Parameters:
  ///   - sources, targets: ids of each row, at least one a row; the targets with their end token and without a start token.
  ///   - start: `decoder_start_token_id`.
  public init(sources: [[Int32]], targets: [[Int32]], start: Int, device: Device = .cpu) {
    precondition(sources.count == targets.count, "\(sources.count) sources for \(targets.count) targets")
    source = PackedTokens(ids: sources.flatMap { $0 }, lengths: sources.map(\.count), device: device)
    inputs = PackedTokens(ids: targets.flatMap { [Int32(start)] + $0.dropLast() }, lengths: targets.map(\.count), device: device)
    self.targets = Tensor(targets.flatMap { $0.map(Int.init) }, device: device)
  }
}
