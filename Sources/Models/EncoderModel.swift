public import Checkpoints
public import Files
public import NN
public import Tokenizers
public import Torch

/// The encoder of a model folder, whatever head the folder has: vectors of tokens, for metrics that compare texts by them.
public final class EncoderModel {
  public let config: ModelConfig
  public let tokenizer: any Tokenizer
  public let device: Device
  private let network: any TextEncoder

  /// Reads a folder as Hugging Face publishes it. Heads and poolers are not read.
  /// - Parameter dtype: of matrices in products; vectors stay float32. Processors that multiply bfloat16 pairs run BERT's layers packed, with
  ///   float32 between products.
  /// - Throws: `InputError` for files that cannot be read or a family without an encoder, `ParameterError` when tensors do not fit.
  public static func load(_ folder: String, dtype: DType = .float32, device: Device = .cpu) throws -> EncoderModel {
    let config = try ModelConfig.read(folder: folder)
    let source = try Checkpoint.open(folder).parameters(for: config)
    let packs = dtype == .bfloat16 && (config.family == .bert || config.family == .roberta) && PackedEncoder.isAvailable(on: device)
    let store = ParameterStore(source: source, frozen: true, frozenType: packs ? .float32 : dtype, device: device)
    var network: any TextEncoder
    switch config.family {
    case .bert, .roberta: network = BertModel(config.encoder, pooled: false, at: store.root[config.family.rawValue])
    case .deberta: network = DebertaModel(config.disentangled, at: store.root["deberta"])
    case .llama, .mistral, .bart, .t5:
      throw InputError("\(folder)/config.json", at: "key \"model_type\"", "found \(config.family.rawValue), expected an encoder", advice: "Name a BERT, RoBERTa or DeBERTa folder")
    }
    try store.finish { name in
      config.family.isKnownUnused(name) || config.family.headPrefixes.contains { name.hasPrefix($0) } || name.contains(".pooler.")
    }
    if packs, let bert = network as? BertModel, let packed = PackedBert(bert, split: 2 / 3) { network = packed }
    return EncoderModel(config: config, tokenizer: try Tokenizers.load(folder), device: device, network: network)
  }

  private init(config: ModelConfig, tokenizer: any Tokenizer, device: Device, network: any TextEncoder) {
    (self.config, self.tokenizer, self.device, self.network) = (config, tokenizer, device, network)
  }

  /// How many layers there are.
  public var layerCount: Int { network.layerCount }

  /// The longest row, special tokens included.
  public var maximumLength: Int { min(tokenizer.maximumLength ?? .max, config.maximumLength) }

  /// Whether batches of like size should have equal sizes: matrix libraries generate code for every shape they meet.
  public var prefersRoundBatches: Bool { network.prefersRoundBatches }

  /// The output of a layer, (tokens, hidden); layer 0 is the embeddings. Layers above it are not computed.
  public func hidden(_ batch: PackedTokens, layer: Int) -> Tensor {
    precondition(0...layerCount ~= layer, "layer \(layer) of \(layerCount)")
    return withoutGradients { network.hidden(batch, layer: layer) }
  }
}

/// A network that gives each token a vector.
protocol TextEncoder {
  var layerCount: Int { get }
  var prefersRoundBatches: Bool { get }
  func hidden(_ batch: PackedTokens, layer: Int) -> Tensor
}

extension TextEncoder {
  var prefersRoundBatches: Bool { true }
}

extension BertModel: TextEncoder {
  var layerCount: Int { layers.count }
  func hidden(_ batch: PackedTokens, layer: Int) -> Tensor {
    layers.prefix(layer).reduce(embeddings(batch, .evaluation)) { $1($0, rowStarts: batch.rowStarts, .evaluation) }
  }
}

extension DebertaModel: TextEncoder {
  var layerCount: Int { layers.count }
  func hidden(_ batch: PackedTokens, layer: Int) -> Tensor { hiddenStates(batch, layers: layer).last! }
}
