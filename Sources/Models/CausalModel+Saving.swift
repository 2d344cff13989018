public import Checkpoints
public import NN
public import Torch

extension CausalModel {
  /// What a saved folder of this model holds: every parameter, or the adapter's.
  private var saved: [ParameterStore.Parameter] { adapter == nil ? parameters.parameters : parameters.adapterTensors }

  private func source(_ folder: String) throws -> any ParameterSource {
    adapter == nil ? try Checkpoint.open(folder).parameters(for: config) : try AdapterFolder.open(folder).tensors
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

  /// Whether a model read anew from what `save` wrote gives bit for bit the logits of this one.
  ///
  /// A base model beyond `limit` bytes is not held twice: then every tensor of the folder is compared with the one in memory, and the
  /// adapter's configuration is read back.
  /// - Returns: the largest difference; nil when there is none.
  public func difference(fromSaved folder: String, on tokens: PackedTokens, limit: Int = 128 << 20) throws -> Double? {
    let bytes = parameters.parameters.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.size }
    if bytes <= limit {
      let weights = parameters.parameters.first { $0.tensor.shape.count > 1 }?.tensor.dtype
      let again = adapter == nil
        ? try CausalModel.network(folder, device: device) : try CausalModel.network(base, adapter: folder, frozenType: weights, device: device)
      let (kept, read) = withoutGradients { (network.logits(tokens), again.network.logits(tokens)) }
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
