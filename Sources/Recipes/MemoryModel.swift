import Checkpoints

/// Bytes that training a language model takes, by formula from its shape: what a dry run says before a model of that size is at hand.
/// `scripts/bench/memory.py` compares it with measured runs.
///
/// - weights: as they are held, frozen matrices in the run's precision, trained ones in fp32;
/// - training state: fp32 gradient and two AdamW moments of each trained parameter;
/// - activations: what the layers keep for the backward pass, for each token of the largest forward pass; with gradient
///   checkpointing one layer's, and each layer's input;
/// - head: the chunk of logits at work, and the hidden states of learned tokens.
struct MemoryModel: Hashable {
  /// The sizes that count.
  struct Shape: Hashable {
    let vocabulary, hidden, layers, heads, keyValueHeads, headWidth, intermediate: Int
    let isTied: Bool
    /// Of models with other matrices than those below.
    var parameterCount: Int?

    /// Matrices of one layer by PEFT's name, (outputs, inputs).
    var matrices: [(name: String, outputs: Int, inputs: Int)] {
      let (q, k) = (heads * headWidth, keyValueHeads * headWidth)
      return [
        ("q_proj", q, hidden), ("k_proj", k, hidden), ("v_proj", k, hidden), ("o_proj", hidden, q), ("gate_proj", intermediate, hidden),
        ("up_proj", intermediate, hidden), ("down_proj", hidden, intermediate),
      ]
    }
    var parameters: Int {
      parameterCount ?? layers * matrices.reduce(2 * hidden) { $0 + $1.outputs * $1.inputs } + vocabulary * hidden * (isTied ? 1 : 2) + hidden
    }
    /// Of adapters of `rank` on every linear layer.
    func adapterParameters(rank: Int) -> Int { layers * matrices.reduce(0) { $0 + rank * ($1.outputs + $1.inputs) } }
  }

  let shape: Shape
  /// Tokens of the largest forward pass, and those of them that are learned.
  let tokens, targets: Int
  /// Parameters that are trained; all of them, or an adapter's.
  let trained: Int
  let isFull: Bool
  /// Bytes of an element in matrix products: 2 or 4.
  let elementBytes: Int
  let checkpoints: Bool
  /// Rank of adapters, 0 without.
  let rank: Int

  var weights: Int { isFull ? shape.parameters * 4 : shape.parameters * elementBytes + trained * 4 }
  var state: Int { trained * 12 }

  /// Elements that one layer keeps for each token: the residual stream and its norm before attention and before the perceptron,
  /// queries, keys and values, the attended values, gate, up and their product.
  private var keptPerToken: Int {
    let (q, k) = (shape.heads * shape.headWidth, shape.keyValueHeads * shape.headWidth)
    return 4 * shape.hidden + 2 * q + 2 * k + 3 * shape.intermediate
  }

  var activations: Int {
    // Statistics of the norms and of attention, and what the adapters' first factors give, are fp32.
    let perLayer = keptPerToken * elementBytes + 4 * (2 + shape.heads) + 7 * rank * 4
    // The backward pass of a layer holds its widest gradients at once: of gate and up, of their product, of two streams.
    let working = (3 * shape.intermediate + 2 * shape.hidden) * elementBytes
    let kept = checkpoints ? shape.layers * 2 * shape.hidden * elementBytes + perLayer : shape.layers * perLayer
    return tokens * (kept + working)
  }

  /// Logits exist for a chunk of learned tokens at a time, in fp32; hidden states of learned tokens and their gradient for all.
  var head: Int {
    let chunk = min(targets, Self.headChunk)
    return chunk * shape.vocabulary * 4 + 2 * targets * shape.hidden * 4
  }
  /// Rows of logits at a time.
  static let headChunk = 256

  var total: Int { weights + state + activations + head }

  /// LLaMA's published shapes.
  static let published: [(name: String, shape: Shape)] = [
    ("7B", Shape(vocabulary: 32000, hidden: 4096, layers: 32, heads: 32, keyValueHeads: 32, headWidth: 128, intermediate: 11008, isTied: false)),
    ("13B", Shape(vocabulary: 32000, hidden: 5120, layers: 40, heads: 40, keyValueHeads: 40, headWidth: 128, intermediate: 13824, isTied: false)),
    ("33B", Shape(vocabulary: 32000, hidden: 6656, layers: 60, heads: 52, keyValueHeads: 52, headWidth: 128, intermediate: 17920, isTied: false)),
    ("70B", Shape(vocabulary: 32000, hidden: 8192, layers: 80, heads: 64, keyValueHeads: 8, headWidth: 128, intermediate: 28672, isTied: false)),
  ]

  /// Gigabytes of LoRA on the published shapes in bf16: one row a size, for `lengths` tokens of a forward pass, without and with
  /// checkpointing.
  static func publishedTable(rank: Int, lengths: [Int] = [512, 2048, 4096]) -> [[String]] {
    let header = ["LoRA r=\(rank), bf16"] + lengths.flatMap { ["\($0) tokens", "checkpointed"] }
    return [header] + published.map { name, shape in
      [name] + lengths.flatMap { length in
        [false, true].map { checkpoints in
          let model = MemoryModel(
            shape: shape, tokens: length, targets: length / 2, trained: shape.adapterParameters(rank: rank), isFull: false, elementBytes: 2,
            checkpoints: checkpoints, rank: rank)
          return "\(Int((Double(model.total) / 1e9).rounded())) GB"
        }
      }
    }
  }
}

extension MemoryModel.Shape {
  /// An encoder-decoder's token goes through one of its stacks; what the decoder's layers keep of each source token is counted as key
  /// heads.
  init(_ config: ModelConfig) {
    switch config.network {
    case .decoder(let sizes):
      self.init(
        vocabulary: sizes.vocabularySize, hidden: sizes.hiddenSize, layers: sizes.layers, heads: sizes.heads, keyValueHeads: sizes.keyValueHeads,
        headWidth: sizes.headWidth, intermediate: sizes.intermediateSize, isTied: sizes.tiesEmbeddings)
    case .bart(let sizes):
      let heads = max(sizes.encoder.heads, sizes.decoder.heads)
      self.init(
        vocabulary: sizes.vocabularySize, hidden: sizes.hiddenSize, layers: max(sizes.encoder.layers, sizes.decoder.layers), heads: heads,
        keyValueHeads: 2 * heads, headWidth: sizes.hiddenSize / heads, intermediate: max(sizes.encoder.intermediateSize, sizes.decoder.intermediateSize),
        isTied: sizes.tiesEmbeddings, parameterCount: config.parameterCount)
    case .t5(let sizes):
      self.init(
        vocabulary: sizes.vocabularySize, hidden: sizes.hiddenSize, layers: max(sizes.encoderLayers, sizes.decoderLayers), heads: sizes.heads,
        keyValueHeads: 2 * sizes.heads, headWidth: sizes.headWidth, intermediate: sizes.intermediateSize, isTied: sizes.tiesEmbeddings,
        parameterCount: config.parameterCount + (sizes.tiesEmbeddings ? 0 : sizes.vocabularySize * sizes.hiddenSize))
    default: preconditionFailure("\(config.family.rawValue) is no language model")
    }
  }
}
