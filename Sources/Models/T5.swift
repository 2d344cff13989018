public import Checkpoints
public import NN
public import Torch

/// T5 (Raffel et al. 2020), version 1.0 or 1.1: pre-norm without means and biases, positions as a bias of the scores, which the first
/// layer of each side owns and all its layers use.
public struct T5Model {
  /// `shared`: word vectors of both sides.
  public let embeddings: Embedding
  public let encoder, decoder: T5Stack

  /// - Parameter scope: at the root, or at the classifier's prefix `transformer`.
  public init(_ c: T5Config, at scope: Scope) {
    embeddings = Embedding(c.vocabularySize, c.hiddenSize, deviation: c.initializerFactor, at: scope["shared"])
    encoder = T5Stack(c, isDecoder: false, at: scope["encoder"])
    decoder = T5Stack(c, isDecoder: true, at: scope["decoder"])
  }

  func encode(_ source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor {
    encoder(embeddings(source.ids), source, memory: nil, mode, checkpoints: checkpoints).last!
  }

  func decode(_ target: PackedTokens, memory: Tensor, of source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor {
    decoder(embeddings(target.ids), target, memory: (memory, source.rowStarts), mode, checkpoints: checkpoints).last!
  }
}

/// The encoder, or the decoder.
public struct T5Stack {
  let bias: RelativePositionBias
  let layers: [T5Layer]
  let norm: RMSNorm
  let dropout: Double

  init(_ c: T5Config, isDecoder: Bool, at scope: Scope) {
    layers = (0..<(isDecoder ? c.decoderLayers : c.encoderLayers)).map { T5Layer(c, isDecoder: isDecoder, at: scope["block"][$0]["layer"]) }
    bias = RelativePositionBias(
      buckets: c.buckets, heads: c.heads, maximumDistance: c.maximumDistance, bidirectional: !isDecoder,
      deviation: c.initializerFactor / Double(c.hiddenSize).squareRoot(), at: scope["block"][0]["layer"][0]["SelfAttention"]["relative_attention_bias"])
    norm = RMSNorm(c.hiddenSize, epsilon: c.normEpsilon, at: scope["final_layer_norm"])
    dropout = c.dropout
  }

  /// The last layer's output after the norm, (tokens, hidden); with `keeps` the embeddings' and every layer's before it.
  func callAsFunction(
    _ words: Tensor, _ tokens: PackedTokens, memory: (states: Tensor, rowStarts: Tensor)?, _ mode: Mode, checkpoints: Bool = false, keeps: Bool = false
  ) -> [Tensor] {
    let bias = self.bias(below: tokens.positionLimit)
    var kept: [Tensor] = []
    var state = [words.dropout(dropout, mode)]  // the branch, and from the first layer on the stream to add it to
    for layer in layers {
      if keeps { kept.append(state.count > 1 ? state[1] + state[0] : state[0]) }
      let run = { (inputs: [Tensor], mode: Mode) -> [Tensor] in
        var inputs = inputs[...]
        let bias = inputs.removeFirst()
        let memory = memory.map { (states: inputs.removeFirst(), rowStarts: $0.rowStarts) }
        let (branch, stream) = layer(inputs.removeFirst(), inputs.first, rowStarts: tokens.rowStarts, bias: bias, memory: memory, mode)
        return [branch, stream]
      }
      let inputs = [bias] + (memory.map { [$0.states] } ?? []) + state
      state = checkpoints ? checkpointed(inputs, mode, run) : run(inputs, mode)
    }
    return kept + [finish(state, mode)]
  }

  /// The norm after the last layer.
  func finish(_ state: [Tensor], _ mode: Mode) -> Tensor { norm(state[0], addedTo: state.dropFirst().first).normalised.dropout(dropout, mode) }
}

/// Self-attention, in the decoder cross-attention, and a perceptron, each reading a norm of the residual stream and adding to it.
public struct T5Layer {
  let attention: MultiHeadAttention
  let attentionNorm: RMSNorm
  /// The decoder's alone.
  let crossAttention: MultiHeadAttention?
  let crossAttentionNorm: RMSNorm?
  let mlp: T5Perceptron
  let mlpNorm: RMSNorm
  let dropout: Double

  init(_ c: T5Config, isDecoder: Bool, at scope: Scope) {
    func attention(_ scope: Scope, toItself: Bool) -> MultiHeadAttention {
      MultiHeadAttention(
        hidden: c.hiddenSize, heads: c.heads, width: c.headWidth, scale: 1, dropout: c.dropout, attendsToItself: toItself, naming: .t5,
        deviation: c.initializerFactor / Double(c.hiddenSize).squareRoot(), at: scope)
    }
    func norm(_ index: Int) -> RMSNorm { RMSNorm(c.hiddenSize, epsilon: c.normEpsilon, at: scope[index]["layer_norm"]) }
    self.attention = attention(scope[0]["SelfAttention"], toItself: true)
    attentionNorm = norm(0)
    crossAttention = isDecoder ? attention(scope[1]["EncDecAttention"], toItself: false) : nil
    crossAttentionNorm = isDecoder ? norm(1) : nil
    let last = isDecoder ? 2 : 1
    mlp = T5Perceptron(c, at: scope[last]["DenseReluDense"])
    mlpNorm = norm(last)
    dropout = c.dropout
  }

  /// The branch to add and the stream to add it to, (tokens, hidden) each: the sum is left to the next norm, which needs it anyway.
  func callAsFunction(
    _ x: Tensor, _ residual: Tensor?, rowStarts: Tensor, bias: Tensor, memory: (states: Tensor, rowStarts: Tensor)?, _ mode: Mode
  ) -> (branch: Tensor, stream: Tensor) {
    attend(
      x, residual, mode, toItself: { attention($0, rowStarts: rowStarts, causal: crossAttention != nil, bias: bias, mode) },
      toMemory: { cross, x in memory.map { cross(x, rowStarts: rowStarts, memory: $0.states, memoryStarts: $0.rowStarts, mode) } ?? x })
  }

  /// The layer around its attentions, which a cache computes in its own way.
  func attend(
    _ x: Tensor, _ residual: Tensor?, _ mode: Mode, toItself: (Tensor) -> Tensor, toMemory: (MultiHeadAttention, Tensor) -> Tensor
  ) -> (branch: Tensor, stream: Tensor) {
    var (stream, normalised) = attentionNorm(x, addedTo: residual)
    var branch = toItself(normalised).dropout(dropout, mode)
    if let crossAttention, let crossAttentionNorm {
      (stream, normalised) = crossAttentionNorm(branch, addedTo: stream)
      branch = toMemory(crossAttention, normalised).dropout(dropout, mode)
    }
    (stream, normalised) = mlpNorm(branch, addedTo: stream)
    return (mlp(normalised, mode).dropout(dropout, mode), stream)
  }
}

/// wo(activation(wi(x))), or of version 1.1 wo(activation(wi_0(x)) · wi_1(x)).
struct T5Perceptron {
  let inputs: [Linear]
  let output: Linear
  let activation: Activation
  let dropout: Double

  init(_ c: T5Config, at scope: Scope) {
    let deviation = c.initializerFactor / Double(c.hiddenSize).squareRoot()
    inputs = Linear.adjacent(
      c.hiddenSize, c.isGated ? ["wi_0": c.intermediateSize, "wi_1": c.intermediateSize] : ["wi": c.intermediateSize], bias: false, deviation: deviation,
      at: scope)
    output = Linear(
      c.intermediateSize, c.hiddenSize, bias: false, deviation: c.initializerFactor / Double(c.intermediateSize).squareRoot(), at: scope["wo"])
    activation = c.activation
    dropout = c.dropout
  }

  /// (tokens, hidden) -> (tokens, hidden)
  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let both = Linear.sideBySide(inputs, x, mode)
    let width = both.size(1) / inputs.count
    let inner = inputs.count == 1 ? activation(both) : activation(both.narrow(1, 0, width)) * both.narrow(1, width, width)
    return output(inner.dropout(dropout, mode), mode)
  }
}

/// T5 with its language-model head.
public struct T5ForConditionalGeneration: EncoderDecoder {
  public let model: T5Model
  private let headWeight: Tensor
  private let headAdapter: LowRankAdapter?
  private let outputScale: Double

  public var head: Tensor { headAdapter?.updated(headWeight) ?? headWeight }
  public var headBias: Tensor? { nil }

  public init(_ c: T5Config, at scope: Scope) {
    model = T5Model(c, at: scope)
    headWeight = c.tiesEmbeddings
      ? model.embeddings.weight
      : scope["lm_head"].parameter("weight", [c.vocabularySize, c.hiddenSize], .normal(deviation: c.initializerFactor))
    headAdapter = scope["lm_head"].adapter(of: headWeight)
    outputScale = c.outputScale
  }

  public func encode(_ source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor { model.encode(source, mode, checkpoints: checkpoints) }

  public func decode(_ target: PackedTokens, memory: Tensor, of source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor {
    scaled(model.decode(target, memory: memory, of: source, mode, checkpoints: checkpoints))
  }

  /// What the head reads.
  func scaled(_ hidden: Tensor) -> Tensor { outputScale == 1 ? hidden : hidden * outputScale }

  public func encoderHiddenStates(_ source: PackedTokens) -> [Tensor] {
    model.encoder(model.embeddings(source.ids), source, memory: nil, .evaluation, keeps: true)
  }

  public func decoderHiddenStates(_ target: PackedTokens, memory: Tensor, of source: PackedTokens) -> [Tensor] {
    model.decoder(model.embeddings(target.ids), target, memory: (memory, source.rowStarts), .evaluation, keeps: true)
  }
}
