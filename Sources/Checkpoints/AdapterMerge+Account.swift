internal import Files
internal import NN
internal import Torch

/// Which tensors of an adapter were asked for: all must be, and all that are asked for must be there.
struct AdapterAccount {
  private let tensors: AdapterTensors
  private var used: Set<String> = []
  private var missing: [String] = []
  private var wrong: [String] = []

  init(_ tensors: AdapterTensors) { self.tensors = tensors }

  var unused: [String] { tensors.names.filter { !used.contains($0) } }

  /// - Returns: whether the adapter has it.
  mutating func take(_ key: String, isRequired: Bool) -> Bool {
    guard tensors.description(of: key) != nil else {
      if isRequired { missing.append(key) }
      return false
    }
    used.insert(key)
    return true
  }

  private mutating func take(_ key: String, shape: [Int]) {
    guard take(key, isRequired: true), let found = tensors.description(of: key), found.shape != shape else { return }
    wrong.append("\(key): found \(found.shape), expected \(shape)")
  }

  /// What happens to the weight or the bias of an adapted layer; nil when the adapter leaves it as it is.
  mutating func update(_ layer: LowRankUpdate, at path: String, leaf: String, shape: [Int]) -> LayerUpdate? {
    let key = "\(AdapterSetup.prefix)\(path)."
    if leaf == "bias" {
      guard layer.hasBias else { return nil }
      take(key + "lora_B.bias", shape: shape)
      return .bias(key + "lora_B.bias", scale: layer.scale)
    }
    let isTable = tensors.description(of: key + "lora_embedding_A") != nil
    let (a, b) = isTable ? (key + "lora_embedding_A", key + "lora_embedding_B") : (key + "lora_A.weight", key + "lora_B.weight")
    let (inputs, outputs) = isTable ? (shape[0], shape[1]) : (shape[1], shape[0])
    take(a, shape: [layer.rank, inputs])
    take(b, shape: [outputs, layer.rank])
    let magnitude = layer.isDecomposed ? key + "lora_magnitude_vector" : nil
    if let magnitude { take(magnitude, shape: [outputs]) }
    return .weight(a: a, b: b, magnitude: magnitude, scale: layer.scale, isTable: isTable)
  }

  func finish(_ path: String, base: String) throws(InputError) {
    guard !unused.isEmpty || !missing.isEmpty || !wrong.isEmpty else { return }
    let absent = missing.map { name in
      "no tensor '\(name)'" + (nearestName(to: name, among: unused).map { "; nearest is '\($0)'" } ?? "")
    }
    let lines = wrong + absent + unused.sorted().map { "tensor '\($0)' belongs to no parameter of this model" }
    let head = "the adapter does not fit the model (\(missing.count) missing, \(unused.count) unexpected, \(wrong.count) of the wrong shape)"
    throw InputError(path, ([head] + lines).joined(separator: "\n  "), advice: "Check that the adapter was trained on \(base)")
  }
}

/// What is added to one tensor of the base model: keys of the adapter's tensors and the arithmetic between them.
enum LayerUpdate {
  case weight(a: String, b: String, magnitude: String?, scale: Double, isTable: Bool)
  case bias(String, scale: Double)

  func merged(into start: Tensor, _ adapter: AdapterTensors, _ rounding: AdapterMerge.Rounding) -> Tensor {
    func read(_ key: String) -> Tensor { adapter.tensor(key).to(.float32) }
    switch self {
    case .bias(let key, let scale):
      return Self.sum(start, read(key) * scale, rounding)
    case .weight(let a, let b, let magnitude, let scale, let isTable):
      let product = read(b).mm(read(a)) * scale
      let delta = isTable ? product.transposed(0, 1) : product
      guard let magnitude else { return Self.sum(start, delta, rounding) }
      // DoRA is rounded once, whatever the rule.
      let sum = start.to(.float32) + delta
      let ratio = read(magnitude) / sum.norm(isTable ? 0 : 1)
      return (sum * (isTable ? ratio : ratio.unsqueezed(1))).to(start.dtype)
    }
  }

  private static func sum(_ start: Tensor, _ delta: Tensor, _ rounding: AdapterMerge.Rounding) -> Tensor {
    switch rounding {
    case .peft: start + delta.to(start.dtype)
    case .fp32: start.dtype == .float64 ? start + delta.to(.float64) : (start.to(.float32) + delta).to(start.dtype)
    }
  }
}
