public import Files
internal import NN
public import Torch

/// Weights of a new model as transformers initialises them: matrices and embeddings normal with `initializer_range`, norms one,
/// biases and the padding row zero. Each tensor has its own stream of random numbers, so that one is made at a time, in any order.
public struct RandomWeights {
  enum Kind {
    case normal, zeros, ones
    /// Normal with a deviation of its own.
    case deviating(Double)
    /// Normal, but for one row.
    case embedding(padding: Int?)
  }

  private let config: ModelConfig
  private let dtype: DType
  private let seed: UInt64
  typealias Plan = [(name: String, shape: [Int], kind: Kind)]
  private var tensors: Plan = []
  private let deviation: Double

  /// - Parameter dtype: float32 or bfloat16.
  public init(_ config: ModelConfig, dtype: DType, seed: UInt64) {
    (self.config, self.dtype, self.seed) = (config, dtype, seed)
    switch config.network {
    case .decoder(let sizes):
      deviation = sizes.initializerRange
      addDecoder(sizes)
    case .encoder(let sizes):
      deviation = sizes.initializerRange
      addEncoder(sizes)
    case .disentangled(let sizes):
      deviation = sizes.initializerRange
      addDisentangled(sizes)
    case .bart(let sizes):
      deviation = sizes.initializerRange
      tensors = Self.plan(sizes, classes: Self.classes(config))
    case .t5(let sizes):
      deviation = sizes.initializerFactor
      tensors = Self.plan(sizes, classes: Self.classes(config))
    }
  }

  /// Of a classifier; nil of a model that generates.
  private static func classes(_ config: ModelConfig) -> Int? {
    config.architectures == [config.family.classifierArchitecture] ? config.labels.count : nil
  }

  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// Writes `model.safetensors`, or shards with their index, into a folder that exists. Holds one tensor at a time.
  public func write(into folder: String, maximumShardBytes: Int = 5_000_000_000) throws(InputError) {
    try FreeSpace.require(parameterCount * dtype.size, for: folder)
    let payloads = tensors.map { tensor in
      Safetensors.Payload(tensor.name, dtype: StoredDType(dtype), shape: tensor.shape) { make(tensor.name, tensor.shape, tensor.kind) }
    }
    try ModelFolder.writeWeights(payloads, into: folder, maximumShardBytes: maximumShardBytes)
  }

  private func make(_ name: String, _ shape: [Int], _ kind: Kind) -> Tensor {
    switch kind {
    case .zeros: return .zeros(shape, dtype: dtype)
    case .ones: return .ones(shape, dtype: dtype)
    case .normal: return random(name, shape, deviation).to(dtype)
    case .deviating(let deviation): return random(name, shape, deviation).to(dtype)
    case .embedding(let padding):
      let table = random(name, shape, deviation)
      if let padding { table[padding].fill(0) }
      return table.to(dtype)
    }
  }

  private func random(_ name: String, _ shape: [Int], _ deviation: Double) -> Tensor {
    let values = Tensor.randn(shape, generator: Generator(seed: seed, name: name))
    values.multiply(by: deviation)
    return values
  }

  // MARK: The tensors of each family

  private mutating func addDecoder(_ sizes: LlamaConfig) {
    let (hidden, queries, keys) = (sizes.hiddenSize, sizes.heads * sizes.headWidth, sizes.keyValueHeads * sizes.headWidth)
    func linear(_ name: String, _ input: Int, _ output: Int, bias: Bool) -> [(String, [Int], Kind)] {
      [("\(name).weight", [output, input], .normal)] + (bias ? [("\(name).bias", [output], .zeros)] : [])
    }
    var all: [(String, [Int], Kind)] = [("model.embed_tokens.weight", [sizes.vocabularySize, hidden], .embedding(padding: sizes.padTokenID))]
    for layer in 0..<sizes.layers {
      let path = "model.layers.\(layer)"
      let (attention, mlp) = (sizes.hasAttentionBias, sizes.hasMLPBias)
      all += linear("\(path).self_attn.q_proj", hidden, queries, bias: attention) + linear("\(path).self_attn.k_proj", hidden, keys, bias: attention)
      all += linear("\(path).self_attn.v_proj", hidden, keys, bias: attention) + linear("\(path).self_attn.o_proj", queries, hidden, bias: attention)
      all += linear("\(path).mlp.gate_proj", hidden, sizes.intermediateSize, bias: mlp) + linear("\(path).mlp.up_proj", hidden, sizes.intermediateSize, bias: mlp)
      all += linear("\(path).mlp.down_proj", sizes.intermediateSize, hidden, bias: mlp)
      all += [("\(path).input_layernorm.weight", [hidden], .ones), ("\(path).post_attention_layernorm.weight", [hidden], .ones)]
    }
    all.append(("model.norm.weight", [hidden], .ones))
    if !sizes.tiesEmbeddings { all.append(("lm_head.weight", [sizes.vocabularySize, hidden], .normal)) }
    tensors = all.map { (name: $0.0, shape: $0.1, kind: $0.2) }
  }

  private mutating func addEncoder(_ sizes: BertConfig) {
    let hidden = sizes.hiddenSize
    let root = config.family.rawValue
    func linear(_ name: String, _ input: Int, _ output: Int) -> [(String, [Int], Kind)] {
      [("\(name).weight", [output, input], .normal), ("\(name).bias", [output], .zeros)]
    }
    func norm(_ name: String) -> [(String, [Int], Kind)] { [("\(name).LayerNorm.weight", [hidden], .ones), ("\(name).LayerNorm.bias", [hidden], .zeros)] }
    let positionPadding = config.family == .roberta ? sizes.padTokenID : nil
    var all: [(String, [Int], Kind)] = [
      ("\(root).embeddings.word_embeddings.weight", [sizes.vocabularySize, hidden], .embedding(padding: sizes.padTokenID)),
      ("\(root).embeddings.position_embeddings.weight", [sizes.maxPositions, hidden], .embedding(padding: positionPadding)),
      ("\(root).embeddings.token_type_embeddings.weight", [sizes.typeVocabularySize, hidden], .embedding(padding: nil)),
    ]
    all += norm("\(root).embeddings")
    for layer in 0..<sizes.layers {
      let path = "\(root).encoder.layer.\(layer)"
      for name in ["query", "key", "value"] { all += linear("\(path).attention.self.\(name)", hidden, hidden) }
      all += linear("\(path).attention.output.dense", hidden, hidden) + norm("\(path).attention.output")
      all += linear("\(path).intermediate.dense", hidden, sizes.intermediateSize)
      all += linear("\(path).output.dense", sizes.intermediateSize, hidden) + norm("\(path).output")
    }
    if config.family == .bert {
      all += linear("bert.pooler.dense", hidden, hidden) + linear("classifier", hidden, config.labels.count)
    } else {
      all += linear("classifier.dense", hidden, hidden) + linear("classifier.out_proj", hidden, config.labels.count)
    }
    tensors = all.map { (name: $0.0, shape: $0.1, kind: $0.2) }
  }

  private mutating func addDisentangled(_ sizes: DebertaConfig) {
    let (hidden, width) = (sizes.hiddenSize, sizes.embeddingSize)
    func linear(_ name: String, _ input: Int, _ output: Int) -> [(String, [Int], Kind)] {
      [("\(name).weight", [output, input], .normal), ("\(name).bias", [output], .zeros)]
    }
    func norm(_ name: String) -> [(String, [Int], Kind)] { [("\(name).LayerNorm.weight", [hidden], .ones), ("\(name).LayerNorm.bias", [hidden], .zeros)] }
    var all: [(String, [Int], Kind)] = [
      ("deberta.embeddings.word_embeddings.weight", [sizes.vocabularySize, width], .embedding(padding: sizes.padTokenID))
    ]
    if sizes.addsPositions { all.append(("deberta.embeddings.position_embeddings.weight", [sizes.maxPositions, width], .normal)) }
    if sizes.typeVocabularySize > 0 { all.append(("deberta.embeddings.token_type_embeddings.weight", [sizes.typeVocabularySize, width], .normal)) }
    if width != hidden { all.append(("deberta.embeddings.embed_proj.weight", [hidden, width], .normal)) }
    all += norm("deberta.embeddings")
    if let relative = sizes.relative { all.append(("deberta.encoder.rel_embeddings.weight", [2 * relative.span, hidden], .normal)) }
    if sizes.normalizesDistances { all += norm("deberta.encoder") }
    var projections = ["query_proj", "key_proj", "value_proj"]
    if let relative = sizes.relative, !relative.sharesKeys {
      projections += (relative.contentToPosition ? ["pos_key_proj"] : []) + (relative.positionToContent ? ["pos_query_proj"] : [])
    }
    for layer in 0..<sizes.layers {
      let path = "deberta.encoder.layer.\(layer)"
      for name in projections { all += linear("\(path).attention.self.\(name)", hidden, hidden) }
      all += linear("\(path).attention.output.dense", hidden, hidden) + norm("\(path).attention.output")
      all += linear("\(path).intermediate.dense", hidden, sizes.intermediateSize)
      all += linear("\(path).output.dense", sizes.intermediateSize, hidden) + norm("\(path).output")
    }
    if let convolution = sizes.convolution {
      all += [("deberta.encoder.conv.conv.weight", [hidden, hidden, convolution.width], .normal), ("deberta.encoder.conv.conv.bias", [hidden], .zeros)]
      all += norm("deberta.encoder.conv")
    }
    all += linear("pooler.dense", hidden, hidden) + linear("classifier", hidden, config.labels.count)
    tensors = all.map { (name: $0.0, shape: $0.1, kind: $0.2) }
  }
}
