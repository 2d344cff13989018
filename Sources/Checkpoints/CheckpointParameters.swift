public import Files
public import NN
public import Torch

/// A checkpoint's tensors under the canonical keys of a family, to build a model from.
///
/// ```swift
/// let source = try checkpoint.parameters(for: config, replacingHead: true)
/// let store = ParameterStore(source: source)
/// …build…
/// try store.finish(expectingNew: config.family.headPrefixes, ignoring: config.isKnownUnused)
/// for line in source.announcements(initialised: store.initialised) { log(line) }
/// ```
public struct CheckpointParameters: ParameterSource {
  /// Canonical names, in the order of the file.
  public let names: [String]
  /// Stored names of a head that a new one replaces.
  public let replaced: [String]
  /// Stored names of what the classifier does not use: pre-training heads, a pooler that its head does without.
  public let unused: [String]
  private let tensors: [String: StoredTensor]
  private let path: String

  fileprivate init(_ checkpoint: Checkpoint, _ config: ModelConfig, replacingHead: Bool) throws(InputError) {
    let family = config.family
    path = checkpoint.path
    var (names, replaced, unused): ([String], [String], [String]) = ([], [], [])
    var tensors: [String: StoredTensor] = [:]
    for (tensor, name) in zip(checkpoint.tensors, config.canonicalNames(checkpoint.tensors.map(\.name))) {
      guard let name else { continue }
      if replacingHead && config.isHead(name) {
        replaced.append(tensor.name)
        continue
      }
      let isUnused = config.isKnownUnused(name)
      if isUnused { unused.append(tensor.name) }
      guard isUnused || tensor.dtype.dtype != nil else {
        throw InputError(path, at: "tensor \"\(tensor.name.shortened)\"", "found elements of \(tensor.dtype.rawValue), expected F32, F16, BF16 or F64", advice: "Use the checkpoint in one of these precisions")
      }
      if let other = tensors.updateValue(tensor, forKey: name) {
        throw InputError(path, at: "tensor \"\(tensor.name.shortened)\"", "it and \"\(other.name.shortened)\" are both \(name.shortened)", advice: "Fetch the checkpoint again, or remove one")
      }
      names.append(name)
    }
    (self.names, self.replaced, self.unused, self.tensors) = (names, replaced, unused, tensors)
  }

  public func description(of name: String) -> (shape: [Int], dtype: DType)? {
    tensors[name].flatMap { tensor in tensor.dtype.dtype.map { (tensor.shape, $0) } }
  }

  public func tensor(_ name: String) -> Tensor {
    guard let tensor = tensors[name] else { preconditionFailure("no tensor named \(name); ask description(of:) first") }
    return tensor.tensor()
  }

  /// What a user should know of a load that succeeded, a sentence each; empty when every tensor was used and none is new.
  /// - Parameter initialised: the parameters that the store made.
  public func announcements(initialised: [String]) -> [String] {
    var lines: [String] = []
    if !initialised.isEmpty { lines.append("\(path): new, to be trained before use: \(Self.listed(initialised))") }
    if !replaced.isEmpty { lines.append("\(path): the head it came with is replaced: \(Self.listed(replaced))") }
    if !unused.isEmpty { lines.append("\(path): not needed by a classifier: \(Self.listed(unused))") }
    return lines
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(6).joined(separator: ", ") + (names.count > 6 ? " and \(names.count - 6) more" : "")
  }
}

extension Checkpoint {
  /// The tensors under canonical keys.
  /// - Parameter replacingHead: leaves out the head in the checkpoint, which was trained for other classes.
  /// - Throws: `InputError` when two tensors mean the same parameter, when one has elements that cannot be computed with, or when
  ///   `config` describes a model far larger than the weights: nothing of that size is allocated.
  public func parameters(for config: ModelConfig, replacingHead: Bool = false) throws(InputError) -> CheckpointParameters {
    let held = tensors.reduce(0) { $0 + $1.count }
    // Twice, and a million: what is merely missing gets the store's full list of names.
    guard config.parameterCount <= 2 * held + 1_000_000 else {
      throw InputError(
        config.path, "its sizes describe \(config.parameterCount) parameters, the weights in \(path) hold \(held)",
        advice: "Fetch the config.json that belongs to the weights")
    }
    return try CheckpointParameters(self, config, replacingHead: replacingHead)
  }
}

/// The tensors of one safetensors file under their own names, for state that is not a model's.
public struct SafetensorsSource: ParameterSource {
  public let names: [String]
  private let tensors: [String: StoredTensor]

  /// - Throws: `InputError` for a damaged file, or one with elements that no tensor holds.
  public init(_ path: String) throws(InputError) {
    let checkpoint = try Checkpoint(path, tensors: try SafetensorsFile(path).tensors)
    for tensor in checkpoint.tensors where tensor.dtype.dtype == nil {
      throw InputError(path, at: "tensor \"\(tensor.name.shortened)\"", "found elements of \(tensor.dtype.rawValue), which this build does not compute with")
    }
    names = checkpoint.tensors.map(\.name)
    tensors = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0) })
  }

  public func description(of name: String) -> (shape: [Int], dtype: DType)? {
    tensors[name].flatMap { tensor in tensor.dtype.dtype.map { (tensor.shape, $0) } }
  }

  public func tensor(_ name: String) -> Tensor {
    guard let tensor = tensors[name] else { preconditionFailure("no tensor named \(name); ask description(of:) first") }
    return tensor.tensor()
  }
}
