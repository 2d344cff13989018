public import Checkpoints
public import NN
public import Torch

/// LLaMA's decoder (Touvron et al. 2023), and Mistral's, which adds a sliding window: embeddings, pre-norm transformer layers, a norm.
public struct LlamaModel {
  public let embeddings: Embedding
  public let layers: [LlamaLayer]
  public let norm: RMSNorm
  let rotary: RotaryEmbedding

  /// - Parameter scope: at the prefix `model`.
  public init(_ c: LlamaConfig, at scope: Scope) {
    embeddings = Embedding(
      c.vocabularySize, c.hiddenSize, padding: c.padTokenID, deviation: c.initializerRange, at: scope["embed_tokens"])
    layers = (0..<c.layers).map { LlamaLayer(c, at: scope["layers"][$0]) }
    norm = RMSNorm(c.hiddenSize, epsilon: c.normEpsilon, at: scope["norm"])
    rotary = RotaryEmbedding(width: c.headWidth, c.rotary, device: scope.device)
  }

  /// The last layer's output after the norm, (tokens, hidden).
  /// - Parameter checkpoints: keeps only each layer's input for the backward pass, which computes the rest again: the same gradients.
  public func callAsFunction(_ batch: PackedTokens, _ mode: Mode = .evaluation, checkpoints: Bool = false) -> Tensor {
    let angles = rotary.angles(at: batch.positions, below: batch.positionLimit)
    var state = [embeddings(batch.ids)]  // the branch, and from the first layer on the stream to add it to
    for layer in layers {
      let run = { (state: [Tensor], mode: Mode) -> [Tensor] in
        let (branch, residual) = layer(state[0], state.dropFirst().first, rowStarts: batch.rowStarts, angles: angles, mode)
        return [branch, residual].compactMap { $0 }
      }
      state = checkpoints ? checkpointed(state, mode, run) : run(state, mode)
    }
    return norm(state[0], addedTo: state.dropFirst().first).normalised
  }

  /// The embeddings, then every layer's output, the last one after the norm: layers + 1 tensors of (tokens, hidden), as transformers gives them.
  public func hiddenStates(_ batch: PackedTokens) -> [Tensor] {
    let angles = rotary.angles(at: batch.positions, below: batch.positionLimit)
    var (x, residual) = (embeddings(batch.ids), Tensor?.none)
    var states: [Tensor] = []
    for layer in layers {
      states.append(residual.map { $0 + x } ?? x)
      (x, residual) = layer(x, residual, rowStarts: batch.rowStarts, angles: angles, .evaluation)
    }
    return states + [norm(x, addedTo: residual).normalised]
  }
}

/// Attention and a gated perceptron, each reading a norm of the residual stream and adding to it.
public struct LlamaLayer {
  public let inputNorm: RMSNorm
  public let attention: CausalSelfAttention
  public let postAttentionNorm: RMSNorm
  public let mlp: GatedMLP

  init(_ c: LlamaConfig, at scope: Scope) {
    inputNorm = RMSNorm(c.hiddenSize, epsilon: c.normEpsilon, at: scope["input_layernorm"])
    attention = CausalSelfAttention(
      hidden: c.hiddenSize, heads: c.heads, keyValueHeads: c.keyValueHeads, width: c.headWidth, window: c.slidingWindow,
      bias: c.hasAttentionBias, deviation: c.initializerRange, at: scope["self_attn"])
    postAttentionNorm = RMSNorm(c.hiddenSize, epsilon: c.normEpsilon, at: scope["post_attention_layernorm"])
    mlp = GatedMLP(
      hidden: c.hiddenSize, intermediate: c.intermediateSize, activation: c.activation, bias: c.hasMLPBias, deviation: c.initializerRange,
      at: scope["mlp"])
  }

  /// The branch to add and the stream to add it to, (tokens, hidden) each: the sum is left to the next norm, which needs it anyway.
  func callAsFunction(
    _ x: Tensor, _ residual: Tensor?, rowStarts: Tensor, angles: (cosines: Tensor, sines: Tensor), _ mode: Mode
  ) -> (branch: Tensor, residual: Tensor?) {
    let (stream, normalised) = inputNorm(x, addedTo: residual)
    let attended = attention(normalised, rowStarts: rowStarts, angles: angles, mode)
    let (sum, again) = postAttentionNorm(attended, addedTo: stream)
    return (mlp(again, mode), sum)
  }
}

/// LLaMA with its language-model head.
public struct LlamaForCausalLM {
  public let model: LlamaModel
  private let headWeight: Tensor
  private let headAdapter: LowRankAdapter?

  /// (vocabulary, hidden): `lm_head.weight`, or the embedding table where they are tied; where an adapter trains one of the two, each
  /// has its own values from then on, as in PEFT. With an adapter's update, if there is one, in float32 and made anew each time.
  public var head: Tensor { headAdapter?.updated(headWeight) ?? headWeight }

  public init(_ c: LlamaConfig, at scope: Scope) {
    model = LlamaModel(c, at: scope["model"])
    let (head, table) = (scope["lm_head"], scope["model"]["embed_tokens"])
    headWeight = c.tiesEmbeddings && !head.isTrainedWhole && !head.isUpdated && !table.isTrainedWhole
      ? model.embeddings.weight
      : head.parameter(
        "weight", [c.vocabularySize, c.hiddenSize], .normal(deviation: c.initializerRange), startingAs: c.tiesEmbeddings ? table["weight"].path : nil)
    headAdapter = scope["lm_head"].adapter(of: headWeight)
  }

  /// Logits of every token's successor, (tokens, vocabulary) float32.
  public func logits(_ batch: PackedTokens, _ mode: Mode = .evaluation) -> Tensor {
    model(batch, mode).linear([head], nil).to(.float32)
  }
}

/// LLaMA with a classification head over each row's last token.
public struct LlamaClassifier: SequenceClassifier {
  let model: LlamaModel
  let projection: Linear
  let padding: Int?

  public init(_ c: LlamaConfig, classes: Int, at scope: Scope) {
    model = LlamaModel(c, at: scope["model"])
    projection = Linear(c.hiddenSize, classes, bias: false, deviation: c.initializerRange, at: scope["score"])
    padding = c.padTokenID
  }

  public func logits(_ batch: PackedTokens, _ mode: Mode) -> Tensor {
    projection(model(batch, mode).indexSelect(0, batch.lasts(except: padding)), mode)
  }

  public func hiddenStates(_ batch: PackedTokens) -> [Tensor] { model.hiddenStates(batch) }
}
