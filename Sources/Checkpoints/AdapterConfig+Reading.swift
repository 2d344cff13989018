internal import Files

extension AdapterConfig {
  /// Settings of other methods that PEFT keeps in the same file: they may be there, switched off.
  static func refuseUnsupported(_ reader: ConfigReader) throws(InputError) {
    for key in [
      "alora_invocation_tokens", "arrow_config", "corda_config", "ensure_weight_tying", "eva_config", "kasa_config", "layer_replication",
      "lora_ga_config", "megatron_config", "monteclora_config", "target_parameters", "trainable_token_indices", "use_bdlora", "use_qalora",
      "velora_config", "loftq_config",
    ] {
      guard let value = reader.object[key], !value.isOff else { continue }
      throw reader.wrong(key, value, "null: this build has LoRA, rsLoRA and DoRA without it")
    }
  }
}

extension JSON {
  /// What switches a setting off in Python: null, false, an empty list or object.
  fileprivate var isOff: Bool {
    switch self {
    case .null, .bool(false): true
    case .array(let values): values.isEmpty
    case .object(let object): object.isEmpty
    default: false
    }
  }
}

extension ConfigReader {
  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws(InputError) -> Choice? where Choice.RawValue == String {
    guard let name = try string(key) else { return nil }
    if let choice = Choice(rawValue: name) { return choice }
    throw wrong(key, .string(name), "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
  }

  /// A list of names or one regular expression; nil when the key is missing or null.
  func modules(_ key: String) throws(InputError) -> AdapterConfig.Modules? {
    guard let value = object[key], !value.isNull else { return nil }
    if let pattern = value.string { return .pattern(pattern) }
    guard let names = value.array?.compactMap(\.string), names.count == value.array?.count else {
      throw wrong(key, value, "a list of module names, or a regular expression")
    }
    return .names(names)
  }

  func targets(_ key: String) throws(InputError) -> AdapterConfig.Targets {
    guard let modules = try modules(key) else { return .standard }
    if case .pattern(let pattern) = modules, pattern.lowercased() == "all-linear" { return .allLinear }
    if case .names(let names) = modules, names.isEmpty { throw wrong(key, .array([]), "at least one module") }
    return .modules(modules)
  }

  /// One index or several; an empty list means every layer, as in PEFT.
  func layerIndices(_ key: String) throws(InputError) -> [Int]? {
    guard let value = object[key], !value.isNull else { return nil }
    if let index = value.int { return [index] }
    guard let list = value.array, case let indices = list.compactMap(\.int), indices.count == list.count else {
      throw wrong(key, value, "an index, or a list of indices")
    }
    return indices.isEmpty ? nil : indices
  }

  /// Numbers by pattern, in the order of the file: the first match counts.
  func overrides(_ key: String, in range: ClosedRange<Double>) throws(InputError) -> [AdapterConfig.Override] {
    guard let value = object[key], !value.isNull else { return [] }
    guard let members = value.object else { throw wrong(key, value, "an object of numbers by module") }
    var overrides: [AdapterConfig.Override] = []
    for (pattern, value) in members {
      guard let number = value.double, range.contains(number), key != "rank_pattern" || value.int != nil else {
        throw wrong("\(key).\(pattern)", value, "a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
      }
      overrides.append(.init(pattern, number))
    }
    return overrides
  }

  func start(_ key: String) throws(InputError) -> AdapterConfig.Start {
    guard let value = object[key], !value.isNull else { return .zero }
    switch value {
    case .bool(let usual): return usual ? .zero : .random
    case .string("gaussian"): return .gaussian
    default: throw wrong(key, value, "true, false or \"gaussian\": other starts change the base model's weights or need data")
    }
  }
}
