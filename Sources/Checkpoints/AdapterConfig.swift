public import Files

/// PEFT's `adapter_config.json` for LoRA, as version 0.21.2 writes and reads it.
///
/// What this build does not compute is refused by name. Unknown keys are kept, and saved again.
public struct AdapterConfig: Sendable, Equatable {
  /// Which modules, by name.
  public enum Modules: Sendable, Equatable {
    /// Whole paths, or the last components of paths.
    case names([String])
    /// A regular expression that matches the whole path.
    case pattern(String)
  }

  /// Which layers are adapted.
  public enum Targets: Sendable, Equatable {
    case modules(Modules)
    /// Every linear layer but the output head (`all-linear`).
    case allLinear
    /// The family's usual ones: query and value projections.
    case standard
  }

  /// Which biases of the model are trained.
  public enum Bias: String, Sendable, CaseIterable {
    case none, all
    /// Those of adapted layers.
    case loraOnly = "lora_only"
  }

  /// How a new adapter starts (`init_lora_weights`).
  public enum Start: Sendable, Equatable {
    /// B is zero (`true`).
    case zero
    /// A normal, B zero.
    case gaussian
    /// Both factors random (`false`).
    case random
  }

  /// PEFT's task types that models here have.
  public enum Task: String, Sendable, CaseIterable {
    case causalLM = "CAUSAL_LM"
    case sequenceToSequence = "SEQ_2_SEQ_LM"
    case sequenceClassification = "SEQ_CLS"
    case featureExtraction = "FEATURE_EXTRACTION"
  }

  /// An override for the layers whose path ends with a match of `pattern`.
  public struct Override: Sendable, Equatable {
    public var pattern: String
    public var value: Double
    public init(_ pattern: String, _ value: Double) { (self.pattern, self.value) = (pattern, value) }
  }

  /// Where the base model was when the adapter was saved; it may have moved.
  public var baseModel: String?
  public var revision: String?
  public var task: Task?
  /// `r`
  public var rank = 8
  /// `lora_alpha`
  public var alpha = 8.0
  /// `lora_dropout`
  public var dropout = 0.0
  /// `target_modules`
  public var targets = Targets.standard
  /// `exclude_modules`
  public var excluded: Modules?
  /// `layers_to_transform`: indices of layers; nil adapts every layer.
  public var layers: [Int]?
  /// `layers_pattern`: names of the list of layers, `layers` for instance; empty takes the first number of a path.
  public var layersPattern: [String] = []
  /// `rank_pattern`
  public var ranks: [Override] = []
  /// `alpha_pattern`
  public var alphas: [Override] = []
  /// Scale by alpha / √rank.
  public var useRSLoRA = false
  public var useDoRA = false
  public var bias = Bias.none
  /// `lora_bias`: B has a bias.
  public var hasBias = false
  /// `modules_to_save`: trained whole. For `SEQ_CLS` PEFT adds `classifier` and `score`; `wholeModules` does as well.
  public var modulesToSave: [String]?
  public var start = Start.zero
  /// The file's members as read, unknown ones included; `encoded()` overlays what the fields above say.
  public private(set) var json: JSONObject = [:]
  /// Keys that this version does not know, in the order of the file.
  public private(set) var unknownKeys: [String] = []

  public init() {}

  /// The modules that are trained whole.
  public var wholeModules: [String] {
    let heads = task == .sequenceClassification ? ["classifier", "score"] : []
    return (modulesToSave ?? []) + heads.filter { !(modulesToSave ?? []).contains($0) }
  }

  /// Reads `adapter_config.json` in `folder`.
  /// - Throws: `InputError` for a file that is missing, not strict JSON, inconsistent, or asks for what this build does not compute.
  public static func read(folder: String) throws(InputError) -> AdapterConfig {
    let path = "\(folder)/\(fileName)"
    return try AdapterConfig(try JSON.read(path), path: path)
  }

  public static let fileName = "adapter_config.json"

  /// - Parameter path: the file that errors name.
  public init(_ json: JSON, path: String) throws(InputError) {
    guard let object = json.object else { throw InputError(path, "found \(json.kind), expected an object", advice: "Fetch the file again") }
    let reader = ConfigReader(object, path: path)
    guard let type = try reader.string("peft_type") else {
      throw InputError(path, at: "key \"peft_type\"", "missing, expected \"LORA\"", advice: "Fetch the adapter_config.json that PEFT wrote")
    }
    guard type == "LORA" else { throw reader.wrong("peft_type", .string(type), "\"LORA\", the one method this build has") }
    try Self.refuseUnsupported(reader)

    self.json = object
    unknownKeys = object.keys.filter { Self.standardMembers[$0] == nil && $0 != "runtime_config" }
    baseModel = try reader.string("base_model_name_or_path")
    revision = try reader.string("revision")
    task = try reader.choice("task_type")
    rank = try reader.integer("r", in: 1...65536, default: 8)
    alpha = try reader.number("lora_alpha", in: -1e6...1e6, default: 8)
    dropout = try reader.number("lora_dropout", in: 0...1, default: 0)
    targets = try reader.targets("target_modules")
    excluded = try reader.modules("exclude_modules")
    layers = try reader.layerIndices("layers_to_transform")
    layersPattern = try reader.modules("layers_pattern")?.names ?? []
    ranks = try reader.overrides("rank_pattern", in: 1...65536)
    alphas = try reader.overrides("alpha_pattern", in: -1e6...1e6)
    useRSLoRA = try reader.flag("use_rslora", default: false)
    useDoRA = try reader.flag("use_dora", default: false)
    bias = try reader.choice("bias") ?? .none
    hasBias = try reader.flag("lora_bias", default: false)
    modulesToSave = try reader.modules("modules_to_save")?.names
    start = try reader.start("init_lora_weights")
    try checkConsistency(reader)
  }

  /// The combinations that PEFT refuses as well.
  private func checkConsistency(_ reader: ConfigReader) throws(InputError) {
    func refuse(_ key: String, _ problem: String) -> InputError {
      InputError(reader.path, at: "key \"\(key)\"", problem, advice: "Remove one of the two, as PEFT asks for")
    }
    if case .modules(.pattern) = targets, layers != nil { throw refuse("layers_to_transform", "cannot be given when target_modules is a regular expression") }
    if !layersPattern.isEmpty && layers == nil { throw refuse("layers_pattern", "is given without layers_to_transform") }
    if hasBias && useDoRA { throw refuse("lora_bias", "cannot be given with use_dora") }
  }
}

extension AdapterConfig.Modules {
  /// The names; a pattern counts as one.
  var names: [String] {
    switch self {
    case .names(let names): names
    case .pattern(let pattern): [pattern]
    }
  }
}
