public import Files
public import NN

/// Which layers of one family's network an `AdapterConfig` adapts, by PEFT's rules (`check_target_module_exists`).
///
/// Module paths are Hugging Face's: `model.layers.3.self_attn.q_proj`, `bert.pooler.dense`.
public struct LoRAPlan: AdapterPlan {
  public let config: AdapterConfig
  private let family: ModelConfig.Family
  private let targetPattern, excludedPattern: PythonPattern?
  private let layerPatterns: [PythonPattern]
  private let ranks, alphas: [(pattern: PythonPattern, value: Double)]
  private let targetNames: [String]

  /// - Throws: `InputError` for a regular expression that is wrong or not read by this build.
  public init(_ config: AdapterConfig, family: ModelConfig.Family, path: String) throws(InputError) {
    self.config = config
    self.family = family
    switch config.targets {
    case .modules(.pattern(let pattern)): (targetPattern, targetNames) = (try PythonPattern(pattern, path: path, key: "target_modules"), [])
    case .modules(.names(let names)): (targetPattern, targetNames) = (nil, names)
    case .allLinear: (targetPattern, targetNames) = (nil, [])
    case .standard: (targetPattern, targetNames) = (nil, family.usualTargets)
    }
    if case .pattern(let pattern)? = config.excluded {
      excludedPattern = try PythonPattern(pattern, path: path, key: "exclude_modules")
    } else {
      excludedPattern = nil
    }
    var layerPatterns: [PythonPattern] = []
    for pattern in config.layersPattern { layerPatterns.append(try PythonPattern("(?:.*?\\.)?\(pattern)", path: path, key: "layers_pattern")) }
    self.layerPatterns = layerPatterns
    ranks = try Self.compiled(config.ranks, path: path, key: "rank_pattern")
    alphas = try Self.compiled(config.alphas, path: path, key: "alpha_pattern")
  }

  public func update(ofLayer path: String) -> LowRankUpdate? {
    guard isTarget(path) else { return nil }
    let rank = Int(ranks.first { $0.pattern.matchesWhole(path) }?.value ?? Double(config.rank))
    let alpha = alphas.first { $0.pattern.matchesWhole(path) }?.value ?? config.alpha
    return LowRankUpdate(
      rank: rank, scale: alpha / (config.useRSLoRA ? Double(rank).squareRoot() : Double(rank)), dropout: config.dropout,
      isDecomposed: config.useDoRA, hasBias: config.hasBias, start: LowRankUpdate.Start(config.start))
  }

  public func trainsWhole(_ name: String) -> Bool {
    let path = name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
    if Self.ancestors(path).contains(where: { module in config.wholeModules.contains { module.hasSuffix($0) } }) { return true }
    guard name.hasSuffix(".bias") else { return false }
    return config.bias == .all || (config.bias == .loraOnly && isTarget(String(path)))
  }

  /// Targets that none of `adapted` answers to: probably misspelled, or of another family.
  public func unusedTargets(adapted: [String]) -> [String] {
    targetNames.filter { name in !adapted.contains { $0 == name || $0.hasSuffix("." + name) } }
  }

  // MARK: PEFT's rules

  private func isTarget(_ path: String) -> Bool {
    if family.isNorm(path) || isExcluded(path) { return false }
    if let targetPattern { return targetPattern.matchesWhole(path) }
    if config.targets == .allLinear { return !family.isHead(path) && !family.isTable(path) && isChosenLayer(path) }
    if targetNames.contains(path) { return true }
    return targetNames.contains { path.hasSuffix("." + $0) } && isChosenLayer(path)
  }

  /// Modules that are trained whole are never adapted too.
  private func isExcluded(_ path: String) -> Bool {
    if let excludedPattern {
      if excludedPattern.matchesWhole(path) { return true }
    } else if config.excluded?.names.contains(where: { path == $0 || path.hasSuffix("." + $0) }) ?? false {
      return true
    }
    return config.wholeModules.contains { module in Self.ancestors(path[...]).contains { $0 == module || $0.hasSuffix("." + module) } }
  }

  private func isChosenLayer(_ path: String) -> Bool {
    guard let layers = config.layers else { return true }
    return layerIndex(path).map(layers.contains) ?? false
  }

  /// The first number among a path's components that has `layersPattern`, or anything, before it and something behind it.
  private func layerIndex(_ path: String) -> Int? {
    let parts = path.split(separator: ".")
    for position in parts.indices.dropLast() where position > 0 && parts[position].allSatisfy(\.isNumber) {
      let head = parts[..<position].joined(separator: ".")
      if layerPatterns.isEmpty ? position > 1 : layerPatterns.contains(where: { $0.matchesWhole(head) }) { return Int(parts[position]) }
    }
    return nil
  }

  /// `a`, `a.b` and `a.b.c` for `a.b.c`.
  private static func ancestors(_ path: Substring) -> [Substring] {
    path.indices.filter { path[$0] == "." }.map { path[..<$0] } + [path]
  }

  /// `re.match(r"(.*\.)?(key)$", path)`
  private static func compiled(
    _ overrides: [AdapterConfig.Override], path: String, key: String
  ) throws(InputError) -> [(pattern: PythonPattern, value: Double)] {
    var result: [(pattern: PythonPattern, value: Double)] = []
    for override in overrides { result.append((try PythonPattern("(.*\\.)?(\(override.pattern))", path: path, key: key), override.value)) }
    return result
  }
}

extension LowRankUpdate.Start {
  init(_ start: AdapterConfig.Start) {
    switch start {
    case .zero: self = .zero
    case .gaussian: self = .gaussian
    case .random: self = .random
    }
  }
}

extension ModelConfig.Family {
  /// What PEFT adapts where nothing is asked for.
  var usualTargets: [String] {
    switch self {
    case .bert, .roberta: ["query", "value"]
    case .deberta: ["query_proj", "value_proj"]
    case .llama, .mistral, .bart: ["q_proj", "v_proj"]
    case .t5: ["q", "v"]
    }
  }

  /// Whether `path` is the output head, which `all-linear` leaves out.
  func isHead(_ path: String) -> Bool { path == "lm_head" || path == "score" || path == "classifier" || path.hasPrefix("cls.") }

  /// Whether `path` is a normalisation, which has nothing of low rank.
  func isNorm(_ path: String) -> Bool { path.lowercased().hasSuffix("norm") }

  /// Parameters of a classification head, which a base model may lack.
  var headParameters: [String] {
    switch self {
    case .bert: ["classifier.weight", "classifier.bias", "bert.pooler.dense.weight", "bert.pooler.dense.bias"]
    case .roberta: ["classifier.dense.weight", "classifier.dense.bias", "classifier.out_proj.weight", "classifier.out_proj.bias"]
    case .deberta: ["classifier.weight", "classifier.bias", "pooler.dense.weight", "pooler.dense.bias"]
    case .llama, .mistral: ["score.weight"]
    case .bart, .t5: ["dense", "out_proj"].flatMap { ["classification_head.\($0).weight", "classification_head.\($0).bias"] }
    }
  }

  /// Whether `path` is a table of vectors and not a linear layer.
  func isTable(_ path: String) -> Bool { ["_embeddings", "embed_tokens", "shared", "embed_positions"].contains { path.hasSuffix($0) } }
}
