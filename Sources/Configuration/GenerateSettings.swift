public import Files

/// Everything that decides what `attune generate` writes. The defaults answer greedily, as the evaluation of MentaLLaMA does.
public struct GenerateSettings: Sendable, Equatable {
  public struct Model: Sendable, Equatable {
    /// The folder of the model.
    public var base = ""
    /// The folder of an adapter for it, as PEFT saves one.
    public var adapter: String?
  }

  public struct Data: Sendable, Equatable {
    /// `imhi`, `imhi-completion`, `expert`, or a CSV or JSONL file with prompts.
    public var dataset = ""
    /// The folder that holds `test_data/`, as `attune data import` fills it.
    public var folder = "."
    /// How a prompt is shown to the model: `plain` as it stands, `auto` as the model's folder says, or a chat template by name.
    public var template = "auto"
  }

  public struct Generation: Sendable, Equatable {
    /// Tokens of an answer, at most.
    public var maxNewTokens = 512
    public var minNewTokens = 0
    /// Texts that end an answer and are no part of it.
    public var stop: [String] = []
    /// Draw tokens instead of taking the likeliest.
    public var doSample = false
    public var temperature = 1.0
    public var topK = 0
    public var topP = 1.0
    public var minP: Double?
    public var typicalP = 1.0
    public var epsilonCutoff = 0.0
    public var etaCutoff = 0.0
    public var repetitionPenalty = 1.0
    public var noRepeatNgramSize = 0
    /// Beams of beam search; 1 is none.
    public var numBeams = 1
    public var lengthPenalty = 1.0
    /// Every row draws from a seed of its own, made from this one and the row's place.
    public var seed: UInt64 = 42
  }

  public struct Compute: Sendable, Equatable {
    /// Rows that are answered together. Changes speed and memory; an answer changes never on the CPU, and on a GPU where two tokens are equal
    /// but for rounding.
    public var batchSize = 8
    public var device = DeviceChoice.auto
    public var precision = Precision.auto
    public var threads: Int?
    public var deterministic = false
    /// The run folder.
    public var output = ""
  }

  public var model = Model()
  public var data = Data()
  public var generation = Generation()
  public var compute = Compute()

  public init() {}

  /// Reads a recipe and overrides over the defaults.
  /// - Returns: the settings, and every value with its origin.
  /// - Throws: `InputError` with file and line, or the override, of an unknown key or an unusable value.
  public static func read(
    recipe: String?, overrides: [Override] = []
  ) throws(InputError) -> (settings: GenerateSettings, configuration: ResolvedConfiguration) {
    var reader = try SettingsReader(recipe: recipe, overrides: overrides)
    var settings = GenerateSettings()
    try settings.read(&reader)
    return (settings, try reader.finish())
  }

  /// Reads every section over what the settings hold.
  mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try model.read(&reader)
    try data.read(&reader)
    try generation.read(&reader)
    try compute.read(&reader)
  }
}

extension GenerateSettings.Model {
  fileprivate mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("model.base", aliases: ["model_name_or_path"], &base)  // empty where answers are stored
    try reader.read("model.adapter", &adapter, "that is a folder") { $0.map { !$0.isEmpty } ?? true }
  }
}

extension GenerateSettings.Data {
  fileprivate mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("data.dataset", &dataset, "that is imhi, imhi-completion, expert or a file") { !$0.isEmpty }
    try reader.read("data.folder", aliases: ["data_dir"], &folder, "that is a folder") { !$0.isEmpty }
    try reader.read("data.template", &template, "that names a template") { !$0.isEmpty }
  }
}

extension GenerateSettings.Generation {
  fileprivate mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("generation.max_new_tokens", aliases: ["max_new_tokens"], &maxNewTokens, "above 0") { $0 > 0 }
    let most = maxNewTokens
    try reader.read("generation.min_new_tokens", aliases: ["min_new_tokens"], &minNewTokens, "from 0 to max_new_tokens (\(most))") { 0...most ~= $0 }
    try reader.read("generation.stop", &stop)
    try reader.read("generation.do_sample", aliases: ["do_sample"], &doSample)
    try reader.read("generation.temperature", aliases: ["temperature"], &temperature, "above 0") { $0 > 0 }
    try reader.read("generation.top_k", aliases: ["top_k"], &topK, "from 0") { $0 >= 0 }
    try reader.read("generation.top_p", aliases: ["top_p"], &topP, "above 0, at most 1") { $0 > 0 && $0 <= 1 }
    try reader.read("generation.min_p", aliases: ["min_p"], &minP, "from 0 to 1") { $0.map { 0...1 ~= $0 } ?? true }
    try reader.read("generation.typical_p", aliases: ["typical_p"], &typicalP, "above 0, at most 1") { $0 > 0 && $0 <= 1 }
    try reader.read("generation.epsilon_cutoff", aliases: ["epsilon_cutoff"], &epsilonCutoff, "from 0, below 1") { $0 >= 0 && $0 < 1 }
    try reader.read("generation.eta_cutoff", aliases: ["eta_cutoff"], &etaCutoff, "from 0, below 1") { $0 >= 0 && $0 < 1 }
    try reader.read("generation.repetition_penalty", aliases: ["repetition_penalty"], &repetitionPenalty, "above 0") { $0 > 0 }
    try reader.read("generation.no_repeat_ngram_size", aliases: ["no_repeat_ngram_size"], &noRepeatNgramSize, "from 0") { $0 >= 0 }
    try reader.read("generation.num_beams", aliases: ["num_beams"], &numBeams, "from 1 to 64") { 1...64 ~= $0 }
    try reader.read("generation.length_penalty", aliases: ["length_penalty"], &lengthPenalty)
    try reader.read("generation.seed", &seed)
  }
}

extension GenerateSettings.Compute {
  fileprivate mutating func read(_ reader: inout SettingsReader) throws(InputError) {
    try reader.read("compute.batch_size", aliases: ["batch_size"], &batchSize, "from 1 to 1024") { 1...1024 ~= $0 }
    try reader.read("compute.device", &device)
    try reader.read("compute.precision", &precision)
    try reader.read("compute.threads", &threads, "above 0") { $0.map { $0 > 0 } ?? true }
    try reader.read("compute.deterministic", &deterministic)
    try reader.read("compute.output", aliases: ["output_dir"], &output, "that is a folder") { !$0.isEmpty }
  }
}
