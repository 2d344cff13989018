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
public final class ParameterStore {
  /// Parameters in the order in which layers asked for them.
  public private(set) var parameters: [Parameter] = []
  /// Names that the source did not have and that were initialised.
  public private(set) var initialised: [String] = []

  let source: (any ParameterSource)?
  let device: Device
  let generator: Generator
  private var indices: [String: Int] = [:]
  private var mismatches: [ParameterError.Mismatch] = []

  public struct Parameter {
    public let name: String
    public let tensor: Tensor
  }

  /// - Parameters:
  ///   - source: where values come from; nil initialises everything.
  ///   - seed: of the initialisation.
  public init(source: (any ParameterSource)?, device: Device = .cpu, seed: UInt64 = 0) {
    self.source = source
    self.device = device
    generator = Generator(seed: seed)
  }

  /// The cursor at the top.
  public var root: Scope { Scope(store: self, path: "") }

  public subscript(name: String) -> Tensor? { indices[name].map { parameters[$0].tensor } }

  /// The parameter `name`, float32, from the source or initialised. A second request for a name gives the same tensor (tied weights).
  func parameter(_ name: String, shape: [Int], _ initialiser: Initialiser) -> Tensor {
    if let known = self[name] { return known }
    let tensor = stored(name, shape: shape) ?? {
      initialised.append(name)
      return initialiser.tensor(shape, generator: generator).to(device)
    }()
    indices[name] = parameters.count
    parameters.append(Parameter(name: name, tensor: tensor))
    return tensor
  }

  private func stored(_ name: String, shape: [Int]) -> Tensor? {
    guard let source, let found = source.description(of: name) else { return nil }
    guard found.shape == shape, found.dtype.isFloatingPoint else {
      mismatches.append(.init(name: name, foundShape: found.shape, foundDType: found.dtype, expectedShape: shape))
      return .zeros(shape, device: device)
    }
    return source.tensor(name).to(device).to(.float32)
  }

  /// Checks that every tensor of the source was used and every parameter filled.
  /// - Parameters:
  ///   - expectingNew: prefixes of parameters that may be absent, a new head for instance; they are listed in `initialised`.
  ///   - ignoring: tells names of the source that are known not to belong to this model.
  /// - Throws: `ParameterError` with everything that is wrong.
  public func finish(expectingNew: [String] = [], ignoring: (String) -> Bool = { _ in false }) throws(ParameterError) {
    guard let source else { return }
    let missing = initialised.filter { name in !expectingNew.contains { name.hasPrefix($0) } }
    let unexpected = source.names.filter { indices[$0] == nil && !ignoring($0) }
    guard missing.isEmpty, unexpected.isEmpty, mismatches.isEmpty else {
      throw ParameterError(missing: missing, unexpected: unexpected.sorted(), mismatches: mismatches, known: source.names)
    }
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
}

/// How a parameter that no checkpoint fills starts.
public enum Initialiser: Sendable {
  case zeros, ones
  /// Normal with mean 0, as BERT's `initializer_range`.
  case normal(deviation: Double)

  func tensor(_ shape: [Int], generator: Generator) -> Tensor {
    switch self {
    case .zeros: .zeros(shape)
    case .ones: .ones(shape)
    case .normal(let deviation): .randn(shape, generator: generator) * deviation
    }
  }
}
