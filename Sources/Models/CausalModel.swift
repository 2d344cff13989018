public import Checkpoints
public import Files
public import NN
public import Tokenizers
public import Torch

/// A decoder with its language-model head and everything its folder holds: configuration, tokenizer, weights.
public final class CausalModel {
  public let config: ModelConfig
  public let tokenizer: any Tokenizer
  public let network: LlamaForCausalLM
  public let parameters: ParameterStore
  public let device: Device

  /// Reads a folder as Hugging Face publishes it.
  /// - Parameters:
  ///   - dropout: overrides the configuration's probability.
  /// - Throws: `InputError` for files that cannot be read, for a folder of another kind of model, and with every key when the
  ///   tensors do not fit the configuration.
  public static func load(_ folder: String, dropout: Double? = nil, device: Device = .cpu) throws -> CausalModel {
    let tokenizer = try Tokenizers.load(folder)
    let (config, network, store) = try network(folder, dropout: dropout, device: device)
    return CausalModel(config: config, tokenizer: tokenizer, network: network, parameters: store, device: device)
  }

  /// Configuration and weights alone.
  package static func network(
    _ folder: String, dropout: Double? = nil, device: Device = .cpu
  ) throws -> (config: ModelConfig, network: LlamaForCausalLM, parameters: ParameterStore) {
    var config = try ModelConfig.read(folder: folder)
    guard config.family.isDecoder else {
      throw InputError(config.path, at: "key \"model_type\"", "found \(config.family.rawValue), expected a decoder: llama or mistral", advice: "Name a model that generates text")
    }
    if let dropout { config.setDropout(dropout) }
    let source = try Checkpoint.open(folder).parameters(for: config)
    let store = ParameterStore(source: source, device: device)
    let sizes = config.decoder
    let network = LlamaForCausalLM(sizes, at: store.root)
    do {
      // Some folders hold the tied head as a second copy of the embeddings.
      try store.finish(ignoring: { $0 == "lm_head.weight" && sizes.tiesEmbeddings })
    } catch {
      throw InputError(folder, "\(error)", advice: "Check that config.json belongs to these weights")
    }
    return (config, network, store)
  }

  private init(config: ModelConfig, tokenizer: any Tokenizer, network: LlamaForCausalLM, parameters: ParameterStore, device: Device) {
    self.config = config
    self.tokenizer = tokenizer
    self.network = network
    self.parameters = parameters
    self.device = device
  }

  /// Writes configuration, weights and tokenizer into an existing folder, as transformers reads them. The caller makes the folder atomic.
  public func save(into folder: String) throws {
    try ModelFolder.write(into: folder, config: config, parameters: parameters.parameters.map { ($0.name, $0.tensor.detached()) })
    try tokenizer.writeFiles(to: folder)
  }
}
