public import Checkpoints
public import Files
internal import NN
internal import Torch

/// A model folder and the adapter on it, found but not read.
struct AdaptedFolder {
  /// The folder of the base model.
  let base: String
  /// As saved, or nil for a new adapter or none.
  let adapter: AdapterFolder?
  private(set) var config: AdapterConfig?

  /// - Parameters:
  ///   - folder: a model, or an adapter, which goes on the base model that it names.
  ///   - path: of an adapter for the model.
  ///   - new: an adapter to start.
  /// - Throws: `InputError` when the base model that an adapter names is not there, or the adapter cannot be read.
  init(_ folder: String, adapter path: String?, new: AdapterConfig?) throws(InputError) {
    precondition(path == nil || new == nil, "a saved adapter or a new one, not both")
    if let path {
      adapter = try AdapterFolder.open(path)
      (base, config) = (folder, adapter?.config)
    } else if AdapterFolder.isAdapter(folder) {
      let found = try AdapterFolder.open(folder)
      (base, adapter, config) = (try found.baseFolder(), found, found.config)
    } else {
      (base, adapter, config) = (folder, nil, new)
      // A folder of Hugging Face's cache is named as PEFT finds it again on other machines.
      let origin = HubCache.origin(of: folder)
      config?.baseModel = origin?.id ?? folder
      config?.revision = origin?.revision
    }
  }

  /// Parameters that are new must be trained: a random pooler that stays frozen would be noise.
  mutating func train(_ prefixes: [String], absentFrom names: [String]) {
    guard adapter == nil, let whole = config?.wholeModules else { return }
    let absent = prefixes.filter { prefix in !names.contains { $0.hasPrefix(prefix) } }.map { String($0.split(separator: ".").last!) }
    let modules = whole + absent.filter { !whole.contains($0) }
    config?.modulesToSave = modules.isEmpty ? nil : modules
  }

  /// PEFT trains a copy of tied embeddings on one of the two sides; an encoder-decoder's are one tensor here, so the result would be another.
  func requireUntied(_ model: ModelConfig) throws(InputError) {
    guard let config, model.tiesEmbeddings else { return }
    for module in config.wholeModules where ["model.embed_tokens", "model.shared", "lm_head"].contains(where: { $0.hasSuffix(module) }) {
      throw InputError(
        adapter?.path ?? "adapter", at: "key \"modules_to_save\"", "found \"\(module)\", which this model ties to its other end",
        advice: "Adapt other layers, or untie the model's embeddings")
    }
  }

  /// What the store needs, nil without adapter.
  func setup(for family: ModelConfig.Family) throws(InputError) -> AdapterSetup? {
    if let adapter { return try adapter.setup(for: family) }
    guard let config else { return nil }
    return AdapterSetup(try LoRAPlan(config, family: family, path: "adapter"))
  }

  /// The base model's configuration.
  /// - Parameters:
  ///   - dropout: overrides its probabilities.
  ///   - expected: what kind of model it should be, for messages, and which families are of it.
  func modelConfig(dropout: Double?, expected: String, _ isExpected: (ModelConfig.Family) -> Bool) throws -> ModelConfig {
    var config = try ModelConfig.read(folder: base)
    guard isExpected(config.family) else {
      throw InputError(config.path, at: "key \"model_type\"", "found \(config.family.rawValue), expected \(expected)", advice: "Name such a model")
    }
    if let dropout { config.setDropout(dropout) }
    return config
  }

  /// A store over the weights of both folders.
  func store(for config: ModelConfig, frozen: Bool, frozenType: DType?, device: Device, seed: UInt64) throws -> ParameterStore {
    ParameterStore(
      source: try Checkpoint.open(base).parameters(for: config), adapters: try setup(for: config.family), frozen: frozen, frozenType: frozenType,
      device: device, seed: seed)
  }

  /// Ends the building of a network, as `ParameterStore.finish`.
  /// - Throws: `InputError` naming the folder, with every key that does not fit.
  func finish(_ store: ParameterStore, expectingNew new: [String] = [], ignoring: (String) -> Bool) throws(InputError) {
    do throws(ParameterError) {
      try store.finish(expectingNew: new, ignoring: ignoring)
    } catch {
      throw self.error(error)
    }
  }

  /// Which of the two folders an error of the store is about.
  private func error(_ error: ParameterError) -> InputError {
    guard error.subject == .adapter, let adapter else { return InputError(base, "\(error)", advice: "Check that config.json belongs to these weights") }
    return InputError(adapter.path, "\(error)", advice: "Check that the adapter was trained on \(base)")
  }

  /// What a user should know: keys that were not read, targets that are no layer.
  /// - Throws: `InputError` when no layer is adapted at all.
  func announcements(adapted layers: [String], family: ModelConfig.Family) throws(InputError) -> [String] {
    guard let config else { return [] }
    let (path, key) = (adapter?.path ?? "adapter", "key \"target_modules\"")
    guard !layers.isEmpty else {
      throw InputError(path, at: key, "no layer of the model answers to it", advice: "Name layers of \(family.rawValue), for instance its usual ones by leaving the key out")
    }
    let unused = try LoRAPlan(config, family: family, path: path).unusedTargets(adapted: layers)
    let other = try adapter.flatMap { (adapter) throws(InputError) in
      try BaseModelRecord.read(adapter.path)?.difference(from: base, readsAll: false).map { "\(adapter.path): \($0)" }
    }
    return (adapter?.announcements ?? []) + [other].compactMap { $0 } + (unused.isEmpty ? [] : ["\(path): \(key): no layer is named \(unused.joined(separator: ", "))"])
  }
}

extension AdapterFolder {
  /// The base model's folder: as the adapter names it, from here or from the adapter's own folder, in Hugging Face's cache where the name
  /// is a repository's, or where it was when the adapter was trained.
  public func baseFolder() throws(InputError) -> String {
    let file = "\(path)/\(AdapterConfig.fileName)"
    guard let name = config.baseModel else {
      throw InputError(file, at: "key \"base_model_name_or_path\"", "missing, expected the base model's folder", advice: "Name the base model in the command")
    }
    let places = [name, "\(path)/\(name)", HubCache.folder(of: name, revision: config.revision), try BaseModelRecord.read(path)?.path]
    for candidate in places.compactMap({ $0 }) where FileSystem.isFolder(candidate) { return candidate }
    throw InputError(file, at: "key \"base_model_name_or_path\"", "found no folder \(name), and no such repository in Hugging Face's cache", advice: "Name the base model in the command, or correct the path")
  }
}
