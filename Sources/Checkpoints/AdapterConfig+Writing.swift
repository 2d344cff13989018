internal import Files

extension AdapterConfig {
  /// The file as PEFT 0.21.2 writes it: every key, sorted, two spaces, ASCII, no final newline. Keys that were read and are unknown stay.
  ///
  /// - Parameter expanded: what stands for `all-linear` and for the family's usual modules, which PEFT resolves before it saves.
  public func encoded(expanding expanded: [String] = []) -> String {
    var members = Self.standardMembers
    for (key, value) in json where key != "runtime_config" { members[key] = value }
    members["peft_type"] = "LORA"
    members["inference_mode"] = true
    members["base_model_name_or_path"] = Self.optional(baseModel)
    members["revision"] = Self.optional(revision)
    members["task_type"] = Self.optional(task?.rawValue)
    members["r"] = .integer(rank)
    members["lora_alpha"] = Self.shortest(alpha)
    members["lora_dropout"] = .number(dropout)
    members["target_modules"] = targetMembers(expanded)
    members["exclude_modules"] = excluded.map(Self.value) ?? .null
    // PEFT keeps one index, and one name, as it was given.
    let (indices, names) = (layers ?? [], layersPattern)
    if indices.count != 1 || json["layers_to_transform"]?.int != indices.first { members["layers_to_transform"] = layers.map { .array($0.map { .integer($0) }) } ?? .null }
    if names.count != 1 || json["layers_pattern"]?.string != names.first { members["layers_pattern"] = names.isEmpty ? .null : .array(names.map { .string($0) }) }
    members["rank_pattern"] = .object(JSONObject(ranks.map { ($0.pattern, Self.shortest($0.value)) }))
    members["alpha_pattern"] = .object(JSONObject(alphas.map { ($0.pattern, Self.shortest($0.value)) }))
    members["use_rslora"] = .bool(useRSLoRA)
    members["use_dora"] = .bool(useDoRA)
    members["bias"] = .string(bias.rawValue)
    members["lora_bias"] = .bool(hasBias)
    members["fan_in_fan_out"] = false
    members["modules_to_save"] = wholeModules.isEmpty ? .null : .array(wholeModules.map { .string($0) })
    members["init_lora_weights"] = start == .gaussian ? "gaussian" : .bool(start == .zero)
    return JSON.object(members).encoded(indent: 2, sortedKeys: true, asciiOnly: true)
  }

  private func targetMembers(_ expanded: [String]) -> JSON {
    switch targets {
    case .modules(let modules): Self.value(modules)
    case .allLinear, .standard: .array(expanded.map { .string($0) })
    }
  }

  private static func value(_ modules: Modules) -> JSON {
    switch modules {
    case .names(let names): .array(names.map { .string($0) })
    case .pattern(let pattern): .string(pattern)
    }
  }

  private static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

  /// An integer where the number is one, as configurations spell ranks and alphas.
  private static func shortest(_ number: Double) -> JSON {
    number == number.rounded() && number.magnitude < 1e15 ? .integer(Int(number)) : .number(number)
  }

  /// Every key of a `LoraConfig` of PEFT 0.21.2, with its default.
  static let standardMembers: JSONObject = [
    "alora_invocation_tokens": nil, "alpha_pattern": [:], "arrow_config": nil, "auto_mapping": nil, "base_model_name_or_path": nil,
    "bias": "none", "corda_config": nil, "ensure_weight_tying": false, "eva_config": nil, "exclude_modules": nil, "fan_in_fan_out": false,
    "inference_mode": true, "init_lora_weights": true, "kasa_config": nil, "layer_replication": nil, "layers_pattern": nil,
    "layers_to_transform": nil, "loftq_config": [:], "lora_alpha": 8, "lora_bias": false, "lora_dropout": 0.0, "lora_ga_config": nil,
    "megatron_config": nil, "megatron_core": "megatron.core", "modules_to_save": nil, "monteclora_config": nil, "peft_type": "LORA",
    "peft_version": "0.21.2", "qalora_group_size": 16, "r": 8, "rank_pattern": [:], "revision": nil, "target_modules": nil,
    "target_parameters": nil, "task_type": nil, "trainable_token_indices": nil, "use_bdlora": nil, "use_dora": false, "use_qalora": false,
    "use_rslora": false, "velora_config": nil,
  ]
}
