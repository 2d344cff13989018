public import Files

/// What a LoRA adapter is made of; names as in PEFT's `LoraConfig`.
public struct LoRASettings: Sendable, Equatable {
  /// Rank of the update of each layer.
  public var rank = 16
  /// The update is multiplied by alpha / rank.
  public var alpha = 32.0
  /// Probability that an input of an adapter is dropped in training.
  public var dropout = 0.0
  public var targets = ModuleSelection.allLinear
  public var excluded: ModuleSelection?
  /// Multiply by alpha / √rank instead.
  public var useRSLoRA = false
  public var useDoRA = false
  /// Modules that are trained whole beside the adapters.
  public var modulesToSave: [String]?
  public var bias = AdapterBias.none
  /// Ranks of layers whose path ends with a pattern, instead of `rank`.
  public var rankPattern = PatternValues()
  public var alphaPattern = PatternValues()
  /// Indices of the layers that are adapted; nil adapts every one.
  public var layers: [Int]?

  public init() {}

  mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("lora.r", aliases: ["lora_r", "lora_rank", "rank"], &rank, "from 1 to 65536") { 1...65536 ~= $0 }
    try reader.read("lora.alpha", aliases: ["lora_alpha"], &alpha, "other than 0") { $0 != 0 }
    try reader.read("lora.dropout", aliases: ["lora_dropout"], &dropout, "from 0, below 1") { $0 >= 0 && $0 < 1 }
    try reader.read("lora.target_modules", aliases: ["target_modules", "lora_target_modules"], &targets)
    try reader.read("lora.exclude_modules", aliases: ["exclude_modules"], &excluded)
    try reader.read("lora.use_rslora", aliases: ["use_rslora", "rslora"], &useRSLoRA)
    try reader.read("lora.use_dora", aliases: ["use_dora", "dora"], &useDoRA)
    try reader.read("lora.modules_to_save", aliases: ["modules_to_save"], &modulesToSave)
    try reader.read("lora.bias", aliases: ["lora_bias_type"], &bias)
    try reader.read("lora.rank_pattern", aliases: ["rank_pattern"], &rankPattern) { $0.entries.allSatisfy { $0.value >= 1 && $0.value == $0.value.rounded() } }
    try reader.read("lora.alpha_pattern", aliases: ["alpha_pattern"], &alphaPattern)
    try reader.read("lora.layers_to_transform", aliases: ["layers_to_transform"], &layers) { $0.map { !$0.isEmpty && $0.allSatisfy { $0 >= 0 } } ?? true }
  }
}

/// Which biases an adapter trains.
public enum AdapterBias: String, SettingChoice {
  case none, all
  /// Those of adapted layers.
  case loraOnly = "lora_only"
}

/// Which modules of a model: all linear layers, a list of names, or a regular expression.
public enum ModuleSelection: SettingValue {
  case allLinear
  /// The last components of paths, or whole paths.
  case names([String])
  /// Matches a whole path.
  case pattern(String)

  public static var expectation: String { "all-linear, a list of module names, or a regular expression" }
  public init?(spelling: SettingSpelling) {
    if let names = [String](spelling: spelling) {
      guard !names.isEmpty else { return nil }
      self = .names(names)
    } else {
      guard let text = spelling.text, !text.isEmpty else { return nil }
      // `q_proj,v_proj`, as scripts write it, is a list; one word is a name.
      let words = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
      let areNames = words.allSatisfy { $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." } && !$0.contains("..") }
      self = text == "all-linear" ? .allLinear : areNames ? .names(words) : .pattern(text)
    }
  }
  public var yaml: String {
    switch self {
    case .allLinear: "all-linear"
    case .names(let names): names.yaml
    case .pattern(let pattern): pattern.yaml
    }
  }
}

/// Numbers by pattern: `{down_proj: 4, "layers.0.*q_proj": 16}`.
public struct PatternValues: SettingValue {
  public struct Entry: Sendable, Hashable {
    public var pattern: String
    public var value: Double
  }
  public var entries: [Entry]

  public init(_ entries: [Entry] = []) { self.entries = entries }

  public static var expectation: String { "numbers by pattern, such as {down_proj: 4}" }
  public init?(spelling: SettingSpelling) {
    guard case .mapping(let pairs) = spelling.raw else { return nil }
    entries = []
    for pair in pairs {
      guard let value = Double(spelling: SettingSpelling(raw: pair.value)) else { return nil }
      entries.append(Entry(pattern: pair.key, value: value))
    }
  }
  public var yaml: String { "{\(entries.map { "\($0.pattern.yaml): \($0.value.yaml)" }.joined(separator: ", "))}" }
}
