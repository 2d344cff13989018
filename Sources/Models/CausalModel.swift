public import Checkpoints
internal import Files
public import NN
public import Tokenizers
public import Torch

/// A decoder with its language-model head and everything its folder holds: configuration, tokenizer, weights.
public final class CausalModel: FolderModel {
  public let config: ModelConfig
  public let tokenizer: any Tokenizer
  public let network: LlamaForCausalLM
  public let parameters: ParameterStore
  public let device: Device
  /// The folder of the base model.
  public let base: String

  /// The adapter's configuration; nil where every weight is the model's own.
  public let adapter: AdapterConfig?
  /// What a user should know of the load, a sentence each.
  public let announcements: [String]

  /// Reads a folder as Hugging Face publishes it, or an adapter as PEFT saves it together with the base model it names.
  /// - Parameters:
  ///   - adapter: the folder of an adapter for the model.
  ///   - newAdapter: an adapter to start: the model is frozen under it.
  ///   - frozen: nothing will be trained.
  ///   - frozenType: of matrices that are not trained; nil keeps bfloat16 and float32 as they are stored.
  ///   - dropout: overrides the configuration's probability.
  ///   - seed: of a new adapter.
  /// - Throws: `InputError` for files that cannot be read, for a folder of another kind of model, and with every key when the
  ///   tensors do not fit the configuration.
  public static func load(
    _ folder: String, adapter: String? = nil, newAdapter: AdapterConfig? = nil, frozen: Bool = false, frozenType: DType? = nil,
    dropout: Double? = nil, device: Device = .cpu, seed: UInt64 = 0
  ) throws -> CausalModel {
    let adapted = try AdaptedFolder(folder, adapter: adapter, new: newAdapter)
    let tokenizer = try Tokenizers.load(adapted.base)
    let (config, network, store) = try network(adapted, frozen: frozen, frozenType: frozenType, dropout: dropout, device: device, seed: seed)
    return CausalModel(
      config: config, tokenizer: tokenizer, network: network, parameters: store, device: device, base: adapted.base, adapter: adapted.config,
      announcements: try adapted.announcements(adapted: store.adaptedLayers, family: config.family))
  }

  /// Configuration and weights alone.
  package static func network(
    _ folder: String, adapter: String? = nil, newAdapter: AdapterConfig? = nil, frozen: Bool = false, frozenType: DType? = nil,
    dropout: Double? = nil, device: Device = .cpu, seed: UInt64 = 0
  ) throws -> (config: ModelConfig, network: LlamaForCausalLM, parameters: ParameterStore) {
    try network(
      AdaptedFolder(folder, adapter: adapter, new: newAdapter), frozen: frozen, frozenType: frozenType, dropout: dropout, device: device, seed: seed)
  }

  private static func network(
    _ adapted: AdaptedFolder, frozen: Bool, frozenType: DType?, dropout: Double?, device: Device, seed: UInt64
  ) throws -> (config: ModelConfig, network: LlamaForCausalLM, parameters: ParameterStore) {
    var config = try ModelConfig.read(folder: adapted.base)
    guard config.family.isDecoder else {
      throw InputError(config.path, at: "key \"model_type\"", "found \(config.family.rawValue), expected a decoder: llama or mistral", advice: "Name a model that generates text")
    }
    if let dropout { config.setDropout(dropout) }
    try adapted.requireUntied(config)
    let source = try Checkpoint.open(adapted.base).parameters(for: config)
    let store = ParameterStore(
      source: source, adapters: try adapted.setup(for: config.family), frozen: frozen, frozenType: frozenType, device: device, seed: seed)
    let sizes = config.decoder
    let network = LlamaForCausalLM(sizes, at: store.root)
    do {
      // Some folders hold the tied head as a second copy of the embeddings.
      try store.finish(ignoring: { $0 == "lm_head.weight" && sizes.tiesEmbeddings })
    } catch {
      throw adapted.error(error)
    }
    return (config, network, store)
  }

  private init(
    config: ModelConfig, tokenizer: any Tokenizer, network: LlamaForCausalLM, parameters: ParameterStore, device: Device,
    base: String, adapter: AdapterConfig?, announcements: [String]
  ) {
    self.config = config
    self.tokenizer = tokenizer
    self.network = network
    self.parameters = parameters
    self.device = device
    self.base = base
    self.adapter = adapter
    self.announcements = announcements
  }

  /// Whether a model read anew from what `save` wrote gives bit for bit the logits of this one.
  /// - Returns: the largest difference; nil when there is none.
  public func difference(fromSaved folder: String, on tokens: PackedTokens, limit: Int = 128 << 20) throws -> Double? {
    try difference(fromSaved: folder, limit: limit, kept: { network.logits(tokens) }) { base, adapter, type in
      try CausalModel.network(base, adapter: adapter, frozenType: type, device: device).network.logits(tokens)
    }
  }
}
