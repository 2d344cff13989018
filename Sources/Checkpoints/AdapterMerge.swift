public import Files
internal import NN
internal import Torch

/// An adapter added to its base model's weights, one tensor at a time: neither model is held in memory.
///
/// The account is strict before the first byte is written: every tensor of the adapter is used, every adapted layer is complete.
public struct AdapterMerge {
  /// How W + scale·B·A becomes a number of W's precision. The two differ only where W is half precision.
  public enum Rounding: String, Sendable, CaseIterable {
    /// The update is rounded to W's precision and added there: `merge_and_unload(safe_merge=True)`.
    case peft
    /// Added in float32, rounded once: what `merge_and_unload()` does with float32 adapters.
    case fp32
  }

  /// What merging did to one tensor.
  public struct Change: Sendable, Hashable {
    public let name: String
    public let elements: Int
    /// Elements whose value is another one now.
    public let changed: Int
    /// Replaced by the adapter's own tensor, rather than updated.
    public let isWhole: Bool
  }

  let base: Checkpoint
  let baseFolder: String
  let family: ModelConfig.Family
  let adapter: AdapterFolder
  let rounding: Rounding
  /// In the order in which they are written.
  private let steps: [Step]

  /// One tensor of the result.
  private struct Step {
    let name: String
    let dtype: StoredDType
    let shape: [Int]
    /// The base model's; nil for a new head.
    let stored: StoredTensor?
    /// The adapter's tensor that stands for the base model's.
    let replacement: String?
    let update: LayerUpdate?
  }

  /// - Parameter folder: of the base model.
  /// - Throws: `InputError` when files cannot be read, and with every tensor when base and adapter do not meet one to one.
  public init(base folder: String, adapter: AdapterFolder, rounding: Rounding) throws(InputError) {
    (baseFolder, self.adapter, self.rounding) = (folder, adapter, rounding)
    base = try Checkpoint.open(folder)
    var config = try ModelConfig.read(folder: folder)
    family = config.family
    let isClassifier = adapter.isClassifier
    if isClassifier { config.architectures = [family.classifierArchitecture] }
    let plan = try LoRAPlan(adapter.config, family: family, path: "\(adapter.path)/\(AdapterConfig.fileName)")
    if config.tiesEmbeddings, adapter.tensors.names.contains(where: { $0.contains("embed_tokens.") || $0.contains(".lm_head.") }) {
      throw InputError(
        adapter.path, "it changes embeddings that the base model ties to its output, so no merged model computes the same",
        advice: "Keep the adapter apart, or train one that leaves the embeddings alone")
    }

    var account = AdapterAccount(adapter.tensors)
    var steps: [Step] = []
    for (stored, name) in zip(base.tensors, config.canonicalNames(base.tensors.map(\.name))) {
      guard let name, !(isClassifier && family.isKnownUnused(name)) else { continue }
      let (path, leaf) = Self.parts(name)
      let layer = stored.shape.count == 2 || leaf == "bias" ? plan.update(ofLayer: path) : nil
      let key = AdapterSetup.prefix + (layer == nil ? name : "\(path).base_layer.\(leaf)")
      let isWhole = account.take(key, isRequired: plan.trainsWhole(name))
      let shape = isWhole ? adapter.tensors.description(of: key)!.shape : stored.shape
      guard (layer == nil && !isWhole) || stored.dtype.dtype?.isFloatingPoint == true else {
        throw InputError(
          folder, at: "tensor \"\(stored.name.shortened)\"", "found elements of \(stored.dtype.rawValue), which nothing can be added to",
          advice: "Merge into the base model in BF16, F16 or F32")
      }
      let update = layer.flatMap { account.update($0, at: path, leaf: leaf, shape: shape) }
      steps.append(Step(name: name, dtype: stored.dtype, shape: shape, stored: stored, replacement: isWhole ? key : nil, update: update))
    }
    // A head that the base model does not have.
    for name in family.headParameters where isClassifier && !steps.contains(where: { $0.name == name }) {
      let key = AdapterSetup.prefix + name
      guard account.take(key, isRequired: true), let found = adapter.tensors.description(of: key) else { continue }
      steps.append(Step(name: name, dtype: StoredDType(found.dtype), shape: found.shape, stored: nil, replacement: key, update: nil))
    }
    try account.finish(adapter.path, base: folder)
    self.steps = steps
  }

  /// Writes the merged weights into a folder that exists.
  /// - Returns: what was done to each changed tensor.
  public func writeWeights(into folder: String) throws(InputError) -> [Change] {
    let log = ChangeLog()
    let payloads = steps.map { step in
      if step.update == nil, step.replacement == nil, let stored = step.stored { return Safetensors.Payload(stored, as: step.name) }
      return Safetensors.Payload(step.name, dtype: step.dtype, shape: step.shape) { withoutGradients { merged(step, log) } }
    }
    // No shard is larger than the base model's largest.
    let sizes = base.tensors.reduce(into: [String: Int]()) { $0[$1.file.path, default: 0] += $1.byteCount }
    try ModelFolder.writeWeights(payloads, into: folder, maximumShardBytes: sizes.count > 1 ? sizes.values.max() ?? .max : .max)
    return log.changes
  }

  private func merged(_ step: Step, _ log: ChangeLog) -> Tensor {
    let dtype = step.dtype.dtype!  // writeWeights asked
    let before = step.stored?.tensor()
    let start = step.replacement.map { adapter.tensors.tensor($0).to(dtype) } ?? before!
    let after = step.update.map { $0.merged(into: start, adapter.tensors, rounding) } ?? start
    let changed = before.map { $0.shape == after.shape ? $0.notEqual(to: after).sum().intItem : after.count } ?? after.count
    log.changes.append(Change(name: step.name, elements: after.count, changed: changed, isWhole: step.update == nil))
    return after
  }

  static func parts(_ name: String) -> (path: String, leaf: String) {
    guard let dot = name.lastIndex(of: ".") else { return ("", name) }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }

  private final class ChangeLog { var changes: [Change] = [] }
}
