package import Files
public import NN

/// The sizes and constants of a LLaMA or Mistral decoder, as Hugging Face's `config.json` names them, in the spelling of
/// transformers 4 (`rope_theta`, `rope_scaling`) or 5 (`rope_parameters`).
public struct LlamaConfig: Sendable, Equatable {
  /// `vocab_size`
  public let vocabularySize: Int
  /// `hidden_size`
  public let hiddenSize: Int
  /// `num_hidden_layers`
  public let layers: Int
  /// `num_attention_heads`
  public let heads: Int
  /// `num_key_value_heads`: a divisor of `heads`; several query heads share a key head.
  public let keyValueHeads: Int
  /// `head_dim`, or `hidden_size / num_attention_heads`; even.
  public let headWidth: Int
  /// `intermediate_size`
  public let intermediateSize: Int
  /// `hidden_act`
  public let activation: Activation
  /// `max_position_embeddings`: the longest sequence the model was made for.
  public let maxPositions: Int
  /// `rms_norm_eps`
  public let normEpsilon: Double
  public let rotary: RotaryEmbedding.Settings
  /// `sliding_window`: how many tokens a token sees, itself included; nil: all before it. Mistral only.
  public let slidingWindow: Int?
  /// `attention_bias`: q, k, v and o have biases.
  public let hasAttentionBias: Bool
  /// `mlp_bias`
  public let hasMLPBias: Bool
  /// `tie_word_embeddings`: the head is the embedding table.
  public let tiesEmbeddings: Bool
  /// `attention_dropout`
  public private(set) var attentionDropout: Double
  /// `initializer_range`: the standard deviation of new weights.
  public let initializerRange: Double
  /// `bos_token_id`
  public let beginOfSequence: Int?
  /// `eos_token_id`: one id or several.
  public let endOfSequence: [Int]
  /// `pad_token_id`; nil when null, missing or -1.
  public let padTokenID: Int?

  /// Weights of the decoder with embeddings, without the head.
  public var parameterCount: Int { vocabularySize * hiddenSize + hiddenSize + layers * parametersPerLayer }

  /// Weights of one layer.
  public var parametersPerLayer: Int {
    let (queries, keys) = (heads * headWidth, keyValueHeads * headWidth)
    let biases = (hasAttentionBias ? queries + 2 * keys + hiddenSize : 0) + (hasMLPBias ? 2 * intermediateSize + hiddenSize : 0)
    return hiddenSize * (2 * queries + 2 * keys + 3 * intermediateSize) + 2 * hiddenSize + biases
  }

  /// Overrides the dropout probability for this run; a saved config.json keeps the file's.
  public mutating func setDropout(_ probability: Double) { attentionDropout = probability }

  /// Bounds far beyond any published decoder: a file outside them is damaged or hostile, and is refused before anything is allocated.
  private enum Plausible {
    static let vocabulary = 1...(1 << 24)
    static let width = 1...(1 << 17)
    static let layers = 1...1024
    static let positions = 1...(1 << 24)
    static let parameters = 1 << 40
  }

  /// - Throws: `InputError` naming the key, what was found and what was expected.
  package init(_ reader: ConfigReader, family: ModelConfig.Family) throws(InputError) {
    vocabularySize = try reader.integer("vocab_size", in: Plausible.vocabulary)
    hiddenSize = try reader.integer("hidden_size", in: Plausible.width)
    layers = try reader.integer("num_hidden_layers", in: Plausible.layers)
    heads = try reader.integer("num_attention_heads", in: Plausible.width)
    keyValueHeads = reader.isNull("num_key_value_heads") ? heads : try reader.integer("num_key_value_heads", in: 1...heads)
    guard heads % keyValueHeads == 0 else {
      throw reader.wrong("num_key_value_heads", .integer(keyValueHeads), "a divisor of num_attention_heads \(heads)")
    }
    if reader.isNull("head_dim") {
      guard hiddenSize % heads == 0 else {
        throw reader.wrong("num_attention_heads", .integer(heads), "a divisor of hidden_size \(hiddenSize), or a head_dim")
      }
      headWidth = hiddenSize / heads
    } else {
      headWidth = try reader.integer("head_dim", in: 1...(1 << 12))
    }
    guard headWidth % 2 == 0 else { throw reader.wrong("head_dim", .integer(headWidth), "an even number: rotary positions turn pairs") }
    intermediateSize = try reader.integer("intermediate_size", in: Plausible.width)
    maxPositions = try reader.integer("max_position_embeddings", in: Plausible.positions, default: 2048)
    normEpsilon = try reader.number("rms_norm_eps", in: 0...1, default: 1e-6)
    attentionDropout = try reader.number("attention_dropout", in: 0...1, default: 0)
    initializerRange = try reader.number("initializer_range", in: 0...10, default: 0.02)
    tiesEmbeddings = try reader.flag("tie_word_embeddings", default: false)
    hasAttentionBias = try reader.flag("attention_bias", default: false)
    hasMLPBias = try reader.flag("mlp_bias", default: false)
    rotary = try Self.rotary(reader, maxPositions: maxPositions)
    // transformers' MistralConfig: 4096 where the key is missing, no window where it is null. LLaMA has none.
    let hasWindow = family == .mistral && !(reader.object["sliding_window"]?.isNull ?? false)
    slidingWindow = hasWindow ? try reader.integer("sliding_window", in: Plausible.positions, default: 4096) : nil

    let name = try reader.string("hidden_act") ?? Activation.silu.rawValue
    guard let activation = Activation(rawValue: name) else {
      throw reader.wrong("hidden_act", .string(name), "one of \(Activation.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.activation = activation

    let ids = 0...(vocabularySize - 1)
    beginOfSequence = reader.isNull("bos_token_id") ? nil : try reader.integer("bos_token_id", in: ids)
    endOfSequence = try reader.integers("eos_token_id", in: ids)
    // Early LLaMA conversions say -1 for "none".
    let hasPad = !reader.isNull("pad_token_id") && reader.object["pad_token_id"] != -1
    padTokenID = hasPad ? try reader.integer("pad_token_id", in: ids) : nil
    guard parameterCount <= Plausible.parameters else {
      throw InputError(reader.path, "its sizes add up to \(parameterCount) parameters, expected at most \(Plausible.parameters)", advice: "Fetch the config.json that belongs to the weights")
    }
  }

  /// `rope_parameters` of version 5, or `rope_theta` and `rope_scaling` of version 4, whose `rope_type` was once spelled `type`.
  private static func rotary(_ reader: ConfigReader, maxPositions: Int) throws(InputError) -> RotaryEmbedding.Settings {
    let key = reader.isNull("rope_parameters") ? "rope_scaling" : "rope_parameters"
    guard let value = reader.object[key], !value.isNull else {
      return .init(base: try reader.number("rope_theta", in: 1...1e12, default: 10_000), scaling: .none)
    }
    guard let object = value.object else { throw reader.wrong(key, value, "an object with rope_type") }
    let scaling = ConfigReader(object, path: reader.path, prefix: key + ".")
    let outer = try reader.number("rope_theta", in: 1...1e12, default: 10_000)
    let base = try scaling.number("rope_theta", in: 1...1e12, default: outer)
    let type = try scaling.string(scaling.isNull("rope_type") ? "type" : "rope_type") ?? "default"
    let factors = 1e-6...1e6
    switch type {
    case "default": return .init(base: base, scaling: .none)
    case "linear": return .init(base: base, scaling: .linear(factor: try scaling.number("factor", in: factors)))
    case "llama3":
      let factor = try scaling.number("factor", in: factors)
      let (low, high) = (try scaling.number("low_freq_factor", in: factors), try scaling.number("high_freq_factor", in: factors))
      let original = try scaling.integer("original_max_position_embeddings", in: Plausible.positions, default: maxPositions)
      return .init(base: base, scaling: .llama3(factor: factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions: original))
    default: throw scaling.wrong("rope_type", .string(type), "default, linear or llama3")
    }
  }
}
