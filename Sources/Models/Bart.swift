public import Checkpoints
public import NN
public import Torch

/// BART (Lewis et al. 2020): a bidirectional encoder and a causal decoder that attends to it, post-norm, with learned positions.
public struct BartModel {
  /// `shared`: word vectors of both sides.
  public let embeddings: Embedding
  public let encoder, decoder: BartStack

  /// - Parameter scope: at the prefix `model`.
  public init(_ c: BartConfig, at scope: Scope) {
    embeddings = Embedding(c.vocabularySize, c.hiddenSize, padding: c.ids.padding, deviation: c.initializerRange, at: scope["shared"])
    encoder = BartStack(c, c.encoder, isDecoder: false, at: scope["encoder"])
    decoder = BartStack(c, c.decoder, isDecoder: true, at: scope["decoder"])
  }

  func encode(_ source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor {
    encoder(embeddings(source.ids), source, memory: nil, mode, checkpoints: checkpoints).last!
  }

  func decode(_ target: PackedTokens, memory: Tensor, of source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor {
    decoder(embeddings(target.ids), target, memory: (memory, source.rowStarts), mode, checkpoints: checkpoints).last!
  }
}

/// The encoder, or the decoder.
public struct BartStack {
  let positions: Embedding
  let norm: LayerNorm
  let layers: [BartLayer]
  let scale: Double
  let dropout: Double

  init(_ c: BartConfig, _ stack: BartConfig.Stack, isDecoder: Bool, at scope: Scope) {
    positions = Embedding(
      c.maxPositions + BartConfig.positionOffset, c.hiddenSize, deviation: c.initializerRange, at: scope["embed_positions"])
    norm = LayerNorm(c.hiddenSize, epsilon: BartConfig.normEpsilon, at: scope["layernorm_embedding"])
    layers = (0..<stack.layers).map { BartLayer(c, stack, isDecoder: isDecoder, at: scope["layers"][$0]) }
    scale = c.scalesEmbeddings ? Double(c.hiddenSize).squareRoot() : 1
    dropout = c.dropout
  }

  /// Word vectors with their positions, normalised.
  func embed(_ words: Tensor, _ positions: Tensor, _ mode: Mode) -> Tensor {
    let scaled = scale == 1 ? words : words * scale
    return norm(scaled + self.positions(positions + Double(BartConfig.positionOffset))).dropout(dropout, mode)
  }

  /// The embeddings' output and each layer's, (tokens, hidden); with `keeps` false the last alone.
  func callAsFunction(
    _ words: Tensor, _ tokens: PackedTokens, memory: (states: Tensor, rowStarts: Tensor)?, _ mode: Mode, checkpoints: Bool = false, keeps: Bool = false
  ) -> [Tensor] {
    var states = [embed(words, tokens.positions, mode)]
    for layer in layers {
      let run = { (inputs: [Tensor], mode: Mode) -> [Tensor] in
        let memory = memory.map { (states: inputs[1], rowStarts: $0.rowStarts) }
        return [layer(inputs[0], rowStarts: tokens.rowStarts, memory: memory, mode)]
      }
      let inputs = [states.last!] + (memory.map { [$0.states] } ?? [])
      let next = checkpoints ? checkpointed(inputs, mode, run) : run(inputs, mode)
      states = keeps ? states + next : next
    }
    return states
  }
}

/// Self-attention, in the decoder cross-attention, and a perceptron, each closed by norm(residual + dropout(output)).
public struct BartLayer {
  let attention: MultiHeadAttention
  let attentionNorm: LayerNorm
  /// The decoder's alone.
  let crossAttention: MultiHeadAttention?
  let crossAttentionNorm: LayerNorm?
  let intermediate, output: Linear
  let outputNorm: LayerNorm
  let activation: Activation
  let dropout, activationDropout: Double

  init(_ c: BartConfig, _ stack: BartConfig.Stack, isDecoder: Bool, at scope: Scope) {
    let width = c.hiddenSize / stack.heads
    func attention(_ name: String, toItself: Bool) -> MultiHeadAttention {
      MultiHeadAttention(
        hidden: c.hiddenSize, heads: stack.heads, width: width, scale: 1 / Double(width).squareRoot(), dropout: c.attentionDropout,
        attendsToItself: toItself, naming: .bart, deviation: c.initializerRange, at: scope[name])
    }
    func norm(_ name: String) -> LayerNorm { LayerNorm(c.hiddenSize, epsilon: BartConfig.normEpsilon, at: scope[name]) }
    self.attention = attention("self_attn", toItself: true)
    attentionNorm = norm("self_attn_layer_norm")
    crossAttention = isDecoder ? attention("encoder_attn", toItself: false) : nil
    crossAttentionNorm = isDecoder ? norm("encoder_attn_layer_norm") : nil
    intermediate = Linear(c.hiddenSize, stack.intermediateSize, deviation: c.initializerRange, at: scope["fc1"])
    output = Linear(stack.intermediateSize, c.hiddenSize, deviation: c.initializerRange, at: scope["fc2"])
    outputNorm = norm("final_layer_norm")
    activation = c.activation
    (dropout, activationDropout) = (c.dropout, c.activationDropout)
  }

  /// (tokens, hidden) -> (tokens, hidden)
  func callAsFunction(_ x: Tensor, rowStarts: Tensor, memory: (states: Tensor, rowStarts: Tensor)?, _ mode: Mode) -> Tensor {
    attend(
      x, mode, toItself: { attention($0, rowStarts: rowStarts, causal: crossAttention != nil, mode) },
      toMemory: { cross, x in memory.map { cross(x, rowStarts: rowStarts, memory: $0.states, memoryStarts: $0.rowStarts, mode) } ?? x })
  }

  /// The layer around its attentions, which a cache computes in its own way.
  func attend(_ x: Tensor, _ mode: Mode, toItself: (Tensor) -> Tensor, toMemory: (MultiHeadAttention, Tensor) -> Tensor) -> Tensor {
    var x = attentionNorm(toItself(x), addedTo: x, dropout: dropout, mode)
    if let crossAttention, let crossAttentionNorm {
      x = crossAttentionNorm(toMemory(crossAttention, x), addedTo: x, dropout: dropout, mode)
    }
    let inner = activation(intermediate(x, mode)).dropout(activationDropout, mode)
    return outputNorm(output(inner, mode), addedTo: x, dropout: dropout, mode)
  }
}

/// BART with its language-model head.
public struct BartForConditionalGeneration: EncoderDecoder {
  public let model: BartModel
  private let headWeight: Tensor
  private let headAdapter: LowRankAdapter?
  /// `final_logits_bias`; nil where it is all zeros, as published models have it.
  public let headBias: Tensor?

  public var head: Tensor { headAdapter?.updated(headWeight) ?? headWeight }

  public init(_ c: BartConfig, at scope: Scope) {
    model = BartModel(c, at: scope["model"])
    headWeight = c.tiesEmbeddings
      ? model.embeddings.weight
      : scope["lm_head"].parameter("weight", [c.vocabularySize, c.hiddenSize], .normal(deviation: c.initializerRange))
    headAdapter = scope["lm_head"].adapter(of: headWeight)
    let bias = scope.buffer("final_logits_bias", [1, c.vocabularySize])
    headBias = withoutGradients { bias.abs().amax().item } == 0 ? nil : bias.reshaped(-1).to(.float32)
  }

  public func encode(_ source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor { model.encode(source, mode, checkpoints: checkpoints) }

  public func decode(_ target: PackedTokens, memory: Tensor, of source: PackedTokens, _ mode: Mode, checkpoints: Bool) -> Tensor {
    model.decode(target, memory: memory, of: source, mode, checkpoints: checkpoints)
  }

  public func encoderHiddenStates(_ source: PackedTokens) -> [Tensor] {
    model.encoder(model.embeddings(source.ids), source, memory: nil, .evaluation, keeps: true)
  }

  public func decoderHiddenStates(_ target: PackedTokens, memory: Tensor, of source: PackedTokens) -> [Tensor] {
    model.decoder(model.embeddings(target.ids), target, memory: (memory, source.rowStarts), .evaluation, keeps: true)
  }
}
