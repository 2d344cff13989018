public import Torch

/// The part of the store that belongs to an adapter: its own tensors, the parameters that are trained whole, and the strict account
/// of both.
extension ParameterStore {
  /// A tensor that an adapter's file holds.
  struct Saved {
    let key: String
    let tensor: Tensor
    /// Saved beside an adapted table because PEFT does, not trained.
    let isFrozen: Bool
  }

  /// Everything an adapter's file holds, under PEFT's keys without adapter name.
  public var adapterTensors: [Parameter] { savedWithAdapter.map { Parameter(name: $0.key, tensor: $0.tensor) } }

  var savedWithAdapter: [Saved] {
    guard let adapters else { return [] }
    let whole = parameters.filter { adapters.plan.trainsWhole($0.name) }.map { Saved(key: adapterKey($0.name), tensor: $0.tensor, isFrozen: false) }
    let tables = adaptedTables.compactMap { path in
      self["\(path).weight"].map { Saved(key: adapterKey("\(path).weight"), tensor: $0, isFrozen: true) }
    }
    return adapterParameters.map { Saved(key: $0.name, tensor: $0.tensor, isFrozen: false) } + whole + tables
  }

  /// A decoder's embeddings and head, whose base weights PEFT saves along.
  private var adaptedTables: [String] { adaptedLayers.filter { $0.hasSuffix("embed_tokens") || $0.hasSuffix("lm_head") } }

  /// PEFT's key of a parameter of the model. An adapted layer stands one level lower, as `base_layer`.
  func adapterKey(_ name: String) -> String {
    guard let dot = name.lastIndex(of: "."), adapters?.plan.update(ofLayer: String(name[..<dot])) != nil else { return AdapterSetup.prefix + name }
    return AdapterSetup.prefix + name[..<dot] + ".base_layer" + name[dot...]
  }

  /// A parameter of the model as the adapter has it: trained whole, or saved along. Nil leaves it to the checkpoint.
  func adapted(_ name: String, shape: [Int]) -> Tensor? {
    guard let adapters, let values = adapters.source else { return nil }
    let key = adapterKey(name)
    guard values.description(of: key) != nil else {
      if adapters.plan.trainsWhole(name) { missingAdapterKeys.append(key) }
      return nil
    }
    return taken(key, shape: shape, from: values)?.to(type(of: name, shape, stored: values.description(of: key)!.dtype))
  }

  /// One of the adapter's own tensors, float32. Its random start depends on the seed and its name alone, not on the order of layers.
  private func own(_ key: String, shape: [Int], _ initialiser: Initialiser) -> Tensor {
    let tensor: Tensor
    if let values = adapters?.source {
      if values.description(of: key) == nil { missingAdapterKeys.append(key) }
      tensor = taken(key, shape: shape, from: values)?.to(.float32) ?? .zeros(shape, device: device)
    } else {
      tensor = initialiser.tensor(shape, generator: Generator(seed: seed, name: key)).to(device)
    }
    adapterParameters.append(Parameter(name: key, tensor: tensor))
    return tensor
  }

  /// A copy of the adapter's tensor; nil when it is not there or does not fit.
  private func taken(_ key: String, shape: [Int], from values: any ParameterSource) -> Tensor? {
    guard let found = values.description(of: key) else { return nil }
    adapterKeys.insert(key)
    guard found.shape == shape, found.dtype.isFloatingPoint else {
      adapterMismatches.append(.init(name: key, foundShape: found.shape, foundDType: found.dtype, expectedShape: shape))
      return .zeros(shape, device: device)
    }
    return values.tensor(key).to(device)
  }

  func linearAdapter(at path: String, weight: Tensor) -> LowRankAdapter? {
    guard let update = adapters?.plan.update(ofLayer: path) else { return nil }
    adaptedLayers.append(path)
    let (outputs, inputs, key) = (weight.size(0), weight.size(1), "\(AdapterSetup.prefix)\(path).")
    let a = own(key + "lora_A.weight", shape: [update.rank, inputs], update.start == .gaussian ? .normal(deviation: 1 / Double(update.rank)) : .fan(inputs))
    let b = own(key + "lora_B.weight", shape: [outputs, update.rank], update.start == .random ? .fan(update.rank) : .zeros)
    let bias = update.hasBias ? own(key + "lora_B.bias", shape: [outputs], update.start == .random ? .fan(update.rank) : .zeros) : nil
    let plain = LowRankAdapter(a: a, b: b, bias: bias, scale: update.scale, dropout: update.dropout, magnitude: nil)
    guard update.isDecomposed else { return plain }
    let magnitude = self.magnitude(key, size: outputs) { plain.rowLengths(of: weight) }
    return LowRankAdapter(a: a, b: b, bias: bias, scale: update.scale, dropout: update.dropout, magnitude: magnitude)
  }

  func tableAdapter(at path: String, weight: Tensor) -> LowRankTable? {
    guard let update = adapters?.plan.update(ofLayer: path) else { return nil }
    adaptedLayers.append(path)
    let (rows, width, key) = (weight.size(0), weight.size(1), "\(AdapterSetup.prefix)\(path).")
    let a = own(key + "lora_embedding_A", shape: [update.rank, rows], update.start == .random ? .normal(deviation: 1) : .zeros)
    let b = own(key + "lora_embedding_B", shape: [width, update.rank], .normal(deviation: 1))
    let plain = LowRankTable(a: a, b: b, scale: update.scale, magnitude: nil)
    guard update.isDecomposed else { return plain }
    return LowRankTable(a: a, b: b, scale: update.scale, magnitude: magnitude(key, size: width) { plain.columnLengths(of: weight) })
  }

  /// DoRA's magnitude: the adapter's, or the lengths that the weight has with the new adapter on it.
  private func magnitude(_ key: String, size: Int, _ lengths: () -> Tensor) -> Tensor {
    if adapters?.source != nil { return own(key + "lora_magnitude_vector", shape: [size], .ones) }
    let tensor = lengths().detached()
    adapterParameters.append(Parameter(name: key + "lora_magnitude_vector", tensor: tensor))
    return tensor
  }

  /// - Throws: `ParameterError` when the adapter's file and the model's layers do not meet one to one.
  func finishAdapters() throws(ParameterError) {
    guard let values = adapters?.source else { return }
    let unexpected = values.names.filter { !adapterKeys.contains($0) }
    guard missingAdapterKeys.isEmpty, unexpected.isEmpty, adapterMismatches.isEmpty else {
      throw ParameterError(missing: missingAdapterKeys, unexpected: unexpected.sorted(), mismatches: adapterMismatches, subject: .adapter)
    }
  }
}

extension Initialiser {
  /// As PyTorch starts a linear layer: `kaiming_uniform(a: √5)`, which is uniform in ±1/√inputs.
  fileprivate static func fan(_ inputs: Int) -> Initialiser { .uniform(bound: 1 / Double(inputs).squareRoot()) }
}

extension Scope {
  /// The low-rank update of the linear layer at this place, whose weight is (outputs, inputs); nil where the store plans none.
  public func adapter(of weight: Tensor) -> LowRankAdapter? { store.linearAdapter(at: path, weight: weight) }
  /// The same for a table of vectors, (rows, width).
  public func adapter(ofTable weight: Tensor) -> LowRankTable? { store.tableAdapter(at: path, weight: weight) }
}
