import Configuration
import Files

/// The `config.json` of a new model: a named size, and what was set beside it.
struct ModelShape {
  let architecture: InitJob.Architecture
  private(set) var config: JSONObject

  /// Layers, hidden size, heads, key-value heads, MLP size, whether the head is the embedding table, positions, vocabulary.
  private typealias Decoder = (layers: Int, hidden: Int, heads: Int, keys: Int, mlp: Int, tied: Bool, positions: Int, vocabulary: Int)
  private static let decoders: [(name: String, shape: Decoder)] = [
    ("tiny", (2, 64, 4, 2, 128, false, 512, 512)), ("15M", (6, 288, 6, 6, 768, true, 1024, 32_000)), ("110M", (12, 768, 12, 12, 2048, true, 2048, 32_000)),
    ("1.1B", (22, 2048, 32, 4, 5632, false, 2048, 32_000)), ("7B", (32, 4096, 32, 32, 11_008, false, 4096, 32_000)),
    ("13B", (40, 5120, 40, 40, 13_824, false, 4096, 32_000)), ("33B", (60, 6656, 52, 52, 17_920, false, 2048, 32_000)),
    ("70B", (80, 8192, 64, 8, 28_672, false, 4096, 32_000)),
  ]
  private static let encoders: [(name: String, layers: Int, hidden: Int, heads: Int, mlp: Int, positions: Int, vocabulary: Int)] = [
    ("tiny", 2, 64, 4, 128, 256, 512), ("15M", 6, 384, 12, 1536, 512, 30_522), ("110M", 12, 768, 12, 3072, 512, 30_522),
  ]

  /// - Throws: `InputError` for an architecture that cannot be made, an unknown size or key, or a value that is no JSON number, word or flag.
  init(_ job: InitJob) throws(InputError) {
    architecture = job.architecture
    switch job.architecture {
    case .llama, .mistral: config = try Self.decoder(job)
    case .bert, .roberta: config = try Self.encoder(job)
    case .deberta, .bart, .t5:
      throw InputError("--arch \(job.architecture.rawValue)", "this family cannot be made yet", advice: "Choose bert, roberta, llama or mistral")
    }
    for setting in job.settings { try set(setting) }
    config["dtype"] = job.precision == .bf16 ? "bfloat16" : "float32"
    config["torch_dtype"] = config["dtype"]
  }

  func integer(_ key: String) -> Int { config[key]?.int ?? 0 }
  mutating func setVocabulary(_ size: Int) { config["vocab_size"] = .integer(size) }

  private mutating func set(_ setting: String) throws(InputError) {
    guard setting.hasPrefix("model."), let equals = setting.firstIndex(of: "=") else {
      throw InputError(setting, "expected model.KEY=VALUE, for instance model.hidden_size=128")
    }
    let key = String(setting[setting.index(setting.startIndex, offsetBy: 6)..<equals])
    guard let known = config[key] else {
      let near = nearestName(to: key, among: config.map(\.key)).map { "; nearest is model.\($0)" } ?? ""
      throw InputError(setting, "a \(architecture.rawValue) configuration has no key \(key)\(near)", advice: "Correct the key")
    }
    let text = String(setting[setting.index(after: equals)...])
    let bytes = Array(text.utf8)
    let value: JSON
    do { value = try bytes.withUnsafeBytes { try JSON.parse($0, source: setting) } } catch { value = .string(text) }
    guard known.isNull || known.kind == value.kind || known.double != nil && value.double != nil else {
      throw InputError(setting, "found \(value.kind), expected \(known.kind)", advice: "Correct the value")
    }
    config[key] = value
    // Sizes that follow one another unless they were set themselves.
    if key == "num_attention_heads", architecture == .llama || architecture == .mistral { config["num_key_value_heads"] = value }
  }

  private static func decoder(_ job: InitJob) throws(InputError) -> JSONObject {
    let (layers, hidden, heads, keys, mlp, tied, positions, vocabulary) = try named(job.size, decoders.map { ($0.name, $0.shape) })
    var members: JSONObject = [:]
    let isMistral = job.architecture == .mistral
    for (key, value) in [
      ("architectures", isMistral ? ["MistralForCausalLM"] : ["LlamaForCausalLM"]), ("attention_dropout", 0.0), ("bos_token_id", 1), ("eos_token_id", 2),
      ("head_dim", nil), ("hidden_act", "silu"), ("hidden_size", .integer(hidden)), ("initializer_range", 0.02), ("intermediate_size", .integer(mlp)),
      ("max_position_embeddings", .integer(positions)), ("model_type", .string(job.architecture.rawValue)), ("num_attention_heads", .integer(heads)),
      ("num_hidden_layers", .integer(layers)), ("num_key_value_heads", .integer(keys)), ("pad_token_id", nil), ("rms_norm_eps", 1e-5),
      ("rope_theta", 10_000.0), ("tie_word_embeddings", .bool(tied)), ("use_cache", true), ("vocab_size", .integer(vocabulary)),
    ] as [(String, JSON)] { members[key] = value }
    if isMistral {
      members["sliding_window"] = .integer(positions)
    } else {
      (members["attention_bias"], members["mlp_bias"], members["rope_scaling"]) = (false, false, .null)
    }
    return members
  }

  private static func encoder(_ job: InitJob) throws(InputError) -> JSONObject {
    let (_, layers, hidden, heads, mlp, positions, vocabulary) = try named(job.size, encoders.map { ($0.name, $0) })
    let isRoberta = job.architecture == .roberta
    var members: JSONObject = [:]
    for (key, value) in [
      ("architectures", isRoberta ? ["RobertaForSequenceClassification"] : ["BertForSequenceClassification"]), ("attention_probs_dropout_prob", 0.1),
      ("classifier_dropout", nil), ("hidden_act", "gelu"), ("hidden_dropout_prob", 0.1), ("hidden_size", .integer(hidden)), ("initializer_range", 0.02),
      ("intermediate_size", .integer(mlp)), ("layer_norm_eps", .number(isRoberta ? 1e-5 : 1e-12)),
      ("max_position_embeddings", .integer(isRoberta ? positions + 2 : positions)), ("model_type", .string(job.architecture.rawValue)),
      ("num_attention_heads", .integer(heads)), ("num_hidden_layers", .integer(layers)), ("pad_token_id", isRoberta ? 1 : 0),
      ("type_vocab_size", isRoberta ? 1 : 2), ("vocab_size", .integer(isRoberta && vocabulary > 512 ? 50_265 : vocabulary)),
    ] as [(String, JSON)] { members[key] = value }
    if isRoberta { (members["bos_token_id"], members["eos_token_id"]) = (0, 2) }
    return members
  }

  private static func named<Shape>(_ size: String, _ shapes: [(name: String, shape: Shape)]) throws(InputError) -> Shape {
    guard let found = shapes.first(where: { $0.name.lowercased() == size.lowercased() }) else {
      throw InputError("--size \(size)", "unknown, expected one of \(shapes.map(\.name).joined(separator: ", "))")
    }
    return found.shape
  }
}
