public import Files
public import NN
public import Torch

/// A PEFT adapter on disk: `adapter_config.json` and `adapter_model.safetensors` or `.bin`.
///
/// ```swift
/// let adapter = try AdapterFolder.open("runs/lora/adapter")
/// let store = ParameterStore(source: base, adapters: try adapter.setup(for: .llama))
/// ```
public struct AdapterFolder: Sendable {
  /// As the caller named it, or the folder of the one named adapter in it.
  public let path: String
  public let config: AdapterConfig
  public let tensors: AdapterTensors
  /// What a user should know, a sentence each.
  public let announcements: [String]

  /// - Throws: `InputError` for files that are missing, damaged, or not an adapter this build computes.
  public static func open(_ path: String) throws(InputError) -> AdapterFolder {
    guard FileSystem.isFolder(path) else {
      throw InputError(path, "found no folder, expected an adapter as PEFT saves it", advice: "Check the path")
    }
    guard FileSystem.isFile("\(path)/\(AdapterConfig.fileName)") else { return try open(named(in: path)) }
    let config = try AdapterConfig.read(folder: path)
    guard let name = [weightsName, "adapter_model.bin"].first(where: { FileSystem.isFile("\(path)/\($0)") }) else {
      throw InputError(path, "found no weights, expected \(weightsName) or adapter_model.bin", advice: "Fetch the weights of the adapter")
    }
    let checkpoint = try Checkpoint.open("\(path)/\(name)")
    let unknown = config.unknownKeys.isEmpty ? [] : ["\(path): \(AdapterConfig.fileName) has keys that this version does not know: \(config.unknownKeys.joined(separator: ", "))"]
    return AdapterFolder(path: path, config: config, tensors: try AdapterTensors(checkpoint), announcements: unknown)
  }

  static let weightsName = "adapter_model.safetensors"

  /// Whether `path` is an adapter.
  public static func isAdapter(_ path: String) -> Bool { FileSystem.isFile("\(path)/\(AdapterConfig.fileName)") }

  /// What a store needs to put this adapter on a model of `family`.
  public func setup(for family: ModelConfig.Family) throws(InputError) -> AdapterSetup {
    AdapterSetup(try LoRAPlan(config, family: family, path: "\(path)/\(AdapterConfig.fileName)"), source: tensors)
  }

  /// PEFT saves an adapter that has a name of its own in a folder of that name: the only one of a folder is meant by it.
  private static func named(in path: String) throws(InputError) -> String {
    let named = FileSystem.entries(path).map { "\(path)/\($0)" }.filter(isAdapter)
    if named.count == 1 { return named[0] }
    let advice = named.isEmpty ? "Name the folder that PEFT wrote" : "Name one of: \(named.joined(separator: ", "))"
    throw InputError(path, "found no \(AdapterConfig.fileName)" + (named.isEmpty ? "" : " but \(named.count) named adapters"), advice: advice)
  }
}

/// An adapter's tensors under PEFT's keys: `base_model.model.` + module path + `.lora_A.weight`, without the adapter's name.
///
/// Other spellings become these: keys with the adapter's name in them (saved by hand from a state dict), keys without the prefix (saved
/// from the inner model), and a magnitude with `.weight`.
public struct AdapterTensors: ParameterSource, Sendable {
  public let names: [String]
  private let tensors: [String: StoredTensor]

  init(_ checkpoint: Checkpoint) throws(InputError) {
    var (names, tensors): ([String], [String: StoredTensor]) = ([], [:])
    for tensor in checkpoint.tensors {
      guard let name = Self.canonical(tensor.name) else { continue }
      func refused(_ problem: String, _ advice: String) -> InputError {
        InputError(checkpoint.path, at: "tensor \"\(tensor.name.shortened)\"", problem, advice: advice)
      }
      guard let dtype = tensor.dtype.dtype, dtype.isFloatingPoint else {
        throw refused("found elements of \(tensor.dtype.rawValue), expected F32, F16, BF16 or F64", "Use the adapter in one of these precisions")
      }
      if let other = tensors.updateValue(tensor, forKey: name) {
        // `bias: all` makes PEFT save the bias of a whole module twice.
        let isCopy = tensor.name.contains(".modules_to_save.") != other.name.contains(".modules_to_save.")
        guard isCopy, tensor.shape == other.shape, tensor.dtype == other.dtype,
          tensor.withUnsafeBytes({ a in other.withUnsafeBytes { b in a.elementsEqual(b) } })
        else { throw refused("it and \"\(other.name.shortened)\" are the same tensor", "Save the adapter again, or remove one") }
        continue
      }
      names.append(name)
    }
    (self.names, self.tensors) = (names, tensors)
  }

  public func description(of name: String) -> (shape: [Int], dtype: DType)? {
    tensors[name].flatMap { tensor in tensor.dtype.dtype.map { (tensor.shape, $0) } }
  }

  public func tensor(_ name: String) -> Tensor {
    guard let tensor = tensors[name] else { preconditionFailure("no tensor named \(name); ask description(of:) first") }
    return tensor.tensor()
  }

  /// One spelling of a key; nil for a copy of the base model's parameter that PEFT kept beside the trained one.
  static func canonical(_ name: String) -> String? {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    if parts.contains("original_module") { return nil }
    // A compiled or wrapped model's own prefixes.
    while let first = parts.first, first == "_orig_mod" || first == "module" { parts.removeFirst() }
    if parts.starts(with: ["base_model", "model"]) { parts.removeFirst(2) }
    if let position = parts.firstIndex(where: { $0 == "lora_A" || $0 == "lora_B" || $0 == "lora_magnitude_vector" }) {
      let leaf: Substring = parts.last == "bias" ? "bias" : "weight"
      parts.removeSubrange((position + 1)...)
      if parts.last != "lora_magnitude_vector" { parts.append(leaf) }
    } else if let position = parts.firstIndex(where: { $0.hasPrefix("lora_embedding_") }) {
      parts.removeSubrange((position + 1)...)
    } else if let position = parts.firstIndex(of: "modules_to_save") {
      // `modules_to_save.default.weight`, or `modules_to_save.bias` where PEFT dropped the name itself.
      let isNamed = parts.count > position + 2
      parts.removeSubrange(position...(isNamed ? position + 1 : position))
    }
    return AdapterSetup.prefix + parts.joined(separator: ".")
  }
}
