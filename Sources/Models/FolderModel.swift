public import Checkpoints
internal import Files
public import NN
public import Tokenizers
public import Torch

/// A model with everything its folder holds, and the adapter on it: how each kind is loaded is its own, what is loaded and saved is here.
public class FolderModel {
  public let config: ModelConfig
  public let tokenizer: any Tokenizer
  public let parameters: ParameterStore
  public let device: Device
  /// The folder of the base model.
  public let base: String
  /// The adapter's configuration; nil where every weight is the model's own.
  public let adapter: AdapterConfig?
  /// What a user should know of the load, a sentence each.
  public let announcements: [String]

  /// - Parameters:
  ///   - parameters: of the finished network.
  ///   - announcements: what there is to say before the adapter.
  /// - Throws: `InputError` when the adapter adapts no layer.
  init(
    _ adapted: AdaptedFolder, config: ModelConfig, tokenizer: any Tokenizer, parameters: ParameterStore, device: Device, announcements: [String] = []
  ) throws(InputError) {
    (self.config, self.tokenizer, self.parameters, self.device) = (config, tokenizer, parameters, device)
    (base, adapter) = (adapted.base, adapted.config)
    self.announcements = announcements + (try adapted.announcements(adapted: parameters.adaptedLayers, family: config.family))
  }

  /// A classifier's classes are saved with its adapter; a language model's folder says where answers begin and end.
  var isClassifier: Bool { false }
}

extension FolderModel {
  /// What a saved folder of this model holds: every parameter, or the adapter's.
  private var saved: [ParameterStore.Parameter] { adapter == nil ? parameters.parameters : parameters.adapterTensors }

  private func source(_ folder: String) throws -> any ParameterSource {
    adapter == nil ? try Checkpoint.open(folder).parameters(for: config) : try AdapterFolder.open(folder).tensors
  }

  /// Writes configuration, weights and tokenizer into an existing folder, as transformers reads them; of an adapted model the adapter,
  /// as PEFT reads it. The caller makes the folder atomic.
  public func save(into folder: String) throws {
    guard let adapter else {
      try ModelFolder.write(into: folder, config: config, parameters: parameters.parameters.map { ($0.name, $0.tensor.detached()) })
      // Where an answer starts and ends is said there alone.
      let generation = "generation_config.json"
      if !isClassifier, FileSystem.isFile("\(base)/\(generation)") { try AtomicWrite.file("\(folder)/\(generation)", try FileSystem.text("\(base)/\(generation)")) }
      return try tokenizer.writeFiles(to: folder)
    }
    let description = AdapterDescription(config: adapter, layers: parameters.adaptedLayers, classifier: isClassifier ? config : nil, base: base)
    try AdapterFolder.write(description, tensors: parameters.adapterTensors.map { ($0.name, $0.tensor.detached()) }, into: folder)
  }

  /// Overwrites the parameters with those of a folder that `save` wrote.
  /// - Returns: names that are missing there or have another shape; the model is unusable when there are any.
  public func restoreParameters(from folder: String) throws -> [String] {
    let source = try source(folder)
    return withoutGradients {
      saved.compactMap { parameter in
        guard source.description(of: parameter.name)?.shape == parameter.tensor.shape else { return parameter.name }
        parameter.tensor.copy(from: source.tensor(parameter.name).to(device))
        return nil
      }
    }
  }

  /// Whether a model read anew from what `save` wrote gives bit for bit the numbers of this one.
  ///
  /// A base model beyond `limit` bytes is not held twice: then every tensor of the folder is compared with the one in memory, and the
  /// adapter's configuration is read back.
  /// - Parameters:
  ///   - kept: what this model computes.
  ///   - again: the same of one read from the base model's folder and the adapter's, with matrices of the given dtype.
  /// - Returns: the largest difference; nil when there is none.
  func difference(
    fromSaved folder: String, limit: Int, kept: () -> Tensor, again: (_ base: String, _ adapter: String?, _ frozenType: DType?) throws -> Tensor
  ) throws -> Double? {
    let bytes = parameters.parameters.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.size }
    if bytes <= limit {
      let weights = parameters.parameters.first { $0.tensor.shape.count > 1 }?.tensor.dtype
      let (kept, read) = try withoutGradients {
        (kept(), adapter == nil ? try again(folder, nil, nil) : try again(base, folder, weights))
      }
      return kept.isEqual(to: read) ? nil : (kept - read).abs().amax().item
    }
    let source = try source(folder)
    var worst: Double?
    for parameter in saved {
      guard source.description(of: parameter.name)?.shape == parameter.tensor.shape else { return .infinity }
      let (kept, read) = (parameter.tensor.detached(), source.tensor(parameter.name).to(device))
      if !kept.isEqual(to: read) { worst = max(worst ?? 0, (kept - read).abs().amax().item) }
    }
    return worst
  }
}
