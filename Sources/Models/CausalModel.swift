public import Checkpoints
internal import Files
package import NN
import Tokenizers
public import Torch

/// A decoder with its language-model head and everything its folder holds: configuration, tokenizer, weights.
public final class CausalModel: FolderModel {
  public let network: LlamaForCausalLM

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
    return try CausalModel(network, adapted, config: config, tokenizer: tokenizer, parameters: store, device: device)
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
    let config = try adapted.modelConfig(dropout: dropout, expected: "a decoder: llama or mistral", \.isDecoder)
    let store = try adapted.store(for: config, frozen: frozen, frozenType: frozenType, device: device, seed: seed)
    let network = LlamaForCausalLM(config.decoder, at: store.root)
    // Some folders hold the tied head as a second copy of the embeddings.
    try adapted.finish(store) { $0 == "lm_head.weight" && config.decoder.tiesEmbeddings }
    return (config, network, store)
  }

  private init(
    _ network: LlamaForCausalLM, _ adapted: AdaptedFolder, config: ModelConfig, tokenizer: any Tokenizer, parameters: ParameterStore, device: Device
  ) throws(InputError) {
    self.network = network
    try super.init(adapted, config: config, tokenizer: tokenizer, parameters: parameters, device: device)
  }

  /// Whether a model read anew from what `save` wrote gives bit for bit the logits of this one.
  /// - Returns: the largest difference; nil when there is none.
  public func difference(fromSaved folder: String, on tokens: PackedTokens, limit: Int = 128 << 20) throws -> Double? {
    try difference(fromSaved: folder, limit: limit, kept: { network.logits(tokens) }) { base, adapter, type in
      try CausalModel.network(base, adapter: adapter, frozenType: type, device: device).network.logits(tokens)
    }
  }
}
