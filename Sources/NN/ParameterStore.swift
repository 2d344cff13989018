public import Torch

/// The named tensors of a model while it is built: filled from a checkpoint, or initialised.
///
/// Layers ask for parameters through a `Scope`, so each checkpoint key is spelled once, where its layer is made. Asking never
/// fails; what did not fit is collected, and `finish` reports all of it in one error:
/// ```swift
/// let store = ParameterStore(source: checkpoint, device: .cpu, seed: 0)
/// let model = BertClassifier(config, at: store.root)
/// try store.finish(expectingNew: ["classifier."])
/// ```
/// With `adapters` the base model is frozen and layers get low-rank updates; no model file mentions them
/// (`ParameterStore+Adapters.swift`).
public final class ParameterStore {
  /// The model's parameters in the order in which layers asked for them; an adapter's own are in `adapterParameters`.
  public private(set) var parameters: [Parameter] = []
  /// Names that the source did not have and that were initialised.
  public internal(set) var initialised: [String] = []
  /// What adapters add to the model, under PEFT's keys.
  public internal(set) var adapterParameters: [Parameter] = []
  /// Paths of the layers that have an adapter.
  public internal(set) var adaptedLayers: [String] = []

  let source: (any ParameterSource)?
  let adapters: AdapterSetup?
  let isFrozen: Bool
  let frozenType: DType?
  let device: Device
  let seed: UInt64
  let generator: Generator
  private var indices: [String: Int] = [:]
  private var mismatches: [ParameterError.Mismatch] = []
  /// Of the adapter: keys used, absent, of another shape.
  var adapterKeys: Set<String> = []
  var missingAdapterKeys: [String] = []
  var adapterMismatches: [ParameterError.Mismatch] = []

  public struct Parameter {
    public let name: String
    public let tensor: Tensor
    /// A constant that is saved with the model and never trained.
    public var isBuffer = false
  }

  /// - Parameters:
  ///   - source: where values come from; nil initialises everything.
  ///   - adapters: freezes the base model and adds low-rank updates to it.
  ///   - frozen: nothing will be trained. Frozen matrices stay as they are stored, bfloat16 or float32; what is trained is float32.
  ///   - frozenType: of frozen matrices, instead of the stored one.
  ///   - seed: of the initialisation.
  public init(
    source: (any ParameterSource)?, adapters: AdapterSetup? = nil, frozen: Bool = false, frozenType: DType? = nil, device: Device = .cpu,
    seed: UInt64 = 0
  ) {
    self.source = source
    self.adapters = adapters
    isFrozen = frozen
    self.frozenType = frozenType
    self.device = device
    self.seed = seed
    generator = Generator(seed: seed)
  }

  /// The cursor at the top.
  public var root: Scope { Scope(store: self, path: "") }

  public subscript(name: String) -> Tensor? { indices[name].map { parameters[$0].tensor } }

  /// What an optimizer moves, all float32: every parameter, or with adapters theirs and those trained whole, under PEFT's keys.
  public var trainable: [Parameter] {
    if isFrozen { return [] }
    return adapters == nil ? parameters.filter { !$0.isBuffer } : savedWithAdapter.filter { !$0.isFrozen }.map { Parameter(name: $0.key, tensor: $0.tensor) }
  }

  /// The parameter `name`, from the source or initialised. A second request for a name gives the same tensor (tied weights).
  func parameter(_ name: String, shape: [Int], _ initialiser: Initialiser) -> Tensor {
    if let known = self[name] { return known }
    let tensor = adapted(name, shape: shape) ?? stored(name, shape: shape) ?? {
      initialised.append(name)
      return initialiser.tensor(shape, generator: generator).to(device).to(type(of: name, shape, stored: .float32))
    }()
    indices[name] = parameters.count
    parameters.append(Parameter(name: name, tensor: tensor))
    return tensor
  }

  /// The constant `name`, float32.
  func buffer(_ name: String, shape: [Int]) -> Tensor {
    let tensor = parameter(name, shape: shape, .zeros)
    parameters[indices[name]!].isBuffer = true
    return tensor
  }

  /// Parameters that belong side by side: the same values in one allocation, each a contiguous part of it.
  func adjacent(_ requests: [(name: String, shape: [Int])], _ initialiser: Initialiser) -> [Tensor] {
    let areNew = requests.allSatisfy { self[$0.name] == nil }
    let tensors = requests.map { parameter($0.name, shape: $0.shape, initialiser) }
    guard areNew, tensors.count > 1, Set(tensors.map(\.dtype)).count == 1 else { return tensors }
    return withoutGradients {
      let whole = Tensor.concatenated(tensors)
      let parts = whole.split(tensors.map { $0.size(0) }, dim: 0).map { $0.detached() }
      for (request, part) in zip(requests, parts) { parameters[indices[request.name]!] = Parameter(name: request.name, tensor: part) }
      return parts
    }
  }

  private func stored(_ name: String, shape: [Int]) -> Tensor? {
    guard let source, let found = source.description(of: name) else { return nil }
    guard found.shape == shape, found.dtype.isFloatingPoint else {
      mismatches.append(.init(name: name, foundShape: found.shape, foundDType: found.dtype, expectedShape: shape))
      return .zeros(shape, device: device)
    }
    return source.tensor(name).to(device).to(type(of: name, shape, stored: found.dtype))
  }

  /// The dtype a parameter is held in. Vectors are float32 always: norms and biases are added in it.
  func type(of name: String, _ shape: [Int], stored: DType) -> DType {
    let trains = !isFrozen && (adapters.map { $0.plan.trainsWhole(name) } ?? true)
    guard !trains, shape.count > 1 else { return .float32 }
    return frozenType ?? (stored == .bfloat16 ? .bfloat16 : .float32)
  }

  /// Checks that every tensor of the sources was used and every parameter filled.
  /// - Parameters:
  ///   - expectingNew: prefixes of parameters that may be absent, a new head for instance; they are listed in `initialised`.
  ///   - ignoring: tells names of the source that are known not to belong to this model.
  /// - Throws: `ParameterError` with everything that is wrong, of the checkpoint first, then of the adapter.
  public func finish(expectingNew: [String] = [], ignoring: (String) -> Bool = { _ in false }) throws(ParameterError) {
    if let source {
      let missing = initialised.filter { name in !expectingNew.contains { name.hasPrefix($0) } }
      let unexpected = source.names.filter { indices[$0] == nil && !ignoring($0) }
      guard missing.isEmpty, unexpected.isEmpty, mismatches.isEmpty else {
        throw ParameterError(missing: missing, unexpected: unexpected.sorted(), mismatches: mismatches)
      }
    }
    try finishAdapters()
  }
}

/// A place in the tree of names: `scope["encoder"]["layer"][3]` asks for `encoder.layer.3.*`.
public struct Scope {
  let store: ParameterStore
  public let path: String
  /// Where parameters are.
  public var device: Device { store.device }

  public subscript(name: String) -> Scope { Scope(store: store, path: path.isEmpty ? name : "\(path).\(name)") }
  public subscript(index: Int) -> Scope { self["\(index)"] }

  /// The parameter `path.name`.
  public func parameter(_ name: String, _ shape: [Int], _ initialiser: Initialiser) -> Tensor {
    store.parameter(self[name].path, shape: shape, initialiser)
  }

  /// The constant `path.name`, which nothing trains; zeros where no checkpoint has it.
  public func buffer(_ name: String, _ shape: [Int]) -> Tensor { store.buffer(self[name].path, shape: shape) }

  /// The parameters `path.layer.name` of several layers, one behind the other in memory.
  public func adjacent(_ name: String, _ layers: [(layer: String, shape: [Int])], _ initialiser: Initialiser) -> [Tensor] {
    store.adjacent(layers.map { (self[$0.layer][name].path, $0.shape) }, initialiser)
  }
}

/// How a parameter that no checkpoint fills starts.
public enum Initialiser: Sendable {
  case zeros, ones
  /// Normal with mean 0, as BERT's `initializer_range`.
  case normal(deviation: Double)
  /// Uniform in ±bound.
  case uniform(bound: Double)

  func tensor(_ shape: [Int], generator: Generator) -> Tensor {
    switch self {
    case .zeros: .zeros(shape)
    case .ones: .ones(shape)
    case .normal(let deviation): .randn(shape, generator: generator) * deviation
    case .uniform(let bound): .rand(shape, generator: generator) * (2 * bound) - bound
    }
  }
}
