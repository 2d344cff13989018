package import Files
public import NN

/// The sizes and constants of a BERT or RoBERTa encoder, as Hugging Face's `config.json` names them.
public struct BertConfig: Sendable, Equatable {
  /// `vocab_size`
  public let vocabularySize: Int
  /// `hidden_size`; a multiple of `heads`.
  public let hiddenSize: Int
  /// `num_hidden_layers`
  public let layers: Int
  /// `num_attention_heads`
  public let heads: Int
  /// `intermediate_size`
  public let intermediateSize: Int
  /// `hidden_act`
  public let activation: Activation
  /// `max_position_embeddings`: rows of the position table.
  public let maxPositions: Int
  /// `type_vocab_size`: rows of the segment table.
  public let typeVocabularySize: Int
  /// `hidden_dropout_prob`
  public private(set) var hiddenDropout: Double
  /// `attention_probs_dropout_prob`
  public private(set) var attentionDropout: Double
  /// `classifier_dropout`, or `hiddenDropout` where that is null.
  public private(set) var classifierDropout: Double
  /// `initializer_range`: the standard deviation of new weights.
  public let initializerRange: Double
  /// `layer_norm_eps`
  public let layerNormEpsilon: Double
  /// `pad_token_id`
  public let padTokenID: Int
  /// The position of the first token: 0 for BERT, `pad_token_id + 1` for RoBERTa (fairseq's convention).
  public let positionOffset: Int

  /// The longest sequence that has a position each, special tokens included.
  public var maximumLength: Int { maxPositions - positionOffset }

  /// Weights and biases of the encoder, without pooler and head.
  public var parameterCount: Int {
    let perLayer = 4 * hiddenSize * (hiddenSize + 1) + 2 * hiddenSize * intermediateSize + intermediateSize + 5 * hiddenSize
    return (vocabularySize + maxPositions + typeVocabularySize + 2) * hiddenSize + layers * perLayer
  }

  /// Overrides all three dropout probabilities for this run; a saved config.json keeps the file's.
  public mutating func setDropout(_ probability: Double) {
    (hiddenDropout, attentionDropout, classifierDropout) = (probability, probability, probability)
  }

  /// Bounds far beyond any published encoder: a file outside them is damaged or hostile, and is refused before anything is allocated.
  private enum Plausible {
    static let vocabulary = 1...(1 << 24)
    static let width = 1...(1 << 16)
    static let layers = 1...1024
    static let positions = 1...(1 << 20)
    static let parameters = 1 << 36
  }

  /// - Throws: `InputError` naming the key, what was found and what was expected.
  package init(_ reader: ConfigReader, family: ModelConfig.Family) throws(InputError) {
    vocabularySize = try reader.integer("vocab_size", in: Plausible.vocabulary)
    hiddenSize = try reader.integer("hidden_size", in: Plausible.width)
    layers = try reader.integer("num_hidden_layers", in: Plausible.layers)
    heads = try reader.integer("num_attention_heads", in: Plausible.width)
    guard hiddenSize % heads == 0 else {
      throw reader.wrong("num_attention_heads", .integer(heads), "a divisor of hidden_size \(hiddenSize)")
    }
    intermediateSize = try reader.integer("intermediate_size", in: Plausible.width)
    maxPositions = try reader.integer("max_position_embeddings", in: Plausible.positions)
    typeVocabularySize = try reader.integer("type_vocab_size", in: Plausible.positions, default: 2)
    activation = try Self.activation(reader)
    hiddenDropout = try reader.number("hidden_dropout_prob", in: 0...1, default: 0.1)
    attentionDropout = try reader.number("attention_probs_dropout_prob", in: 0...1, default: 0.1)
    let classifierDropoutIsNull = reader.object["classifier_dropout"]?.isNull ?? true
    classifierDropout = classifierDropoutIsNull ? hiddenDropout : try reader.number("classifier_dropout", in: 0...1, default: 0.1)
    initializerRange = try reader.number("initializer_range", in: 0...10, default: 0.02)
    layerNormEpsilon = try reader.number("layer_norm_eps", in: 0...1, default: 1e-12)

    // BERT never computes with the pad id, so null is harmless there; RoBERTa counts positions from it.
    let defaultPad = family == .roberta ? 1 : 0
    let padIsNull = reader.object["pad_token_id"]?.isNull ?? true
    if family == .roberta, let found = reader.object["pad_token_id"], found.isNull {
      throw reader.wrong("pad_token_id", found, "an integer: RoBERTa counts positions from it")
    }
    padTokenID = padIsNull ? defaultPad : try reader.integer("pad_token_id", in: 0...(vocabularySize - 1))
    positionOffset = family == .roberta ? padTokenID + 1 : 0
    guard maxPositions > positionOffset else {
      throw reader.wrong("max_position_embeddings", .integer(maxPositions), "more than pad_token_id + 1 = \(positionOffset)")
    }
    guard parameterCount <= Plausible.parameters else {
      throw InputError(reader.path, "its sizes add up to \(parameterCount) parameters, expected at most \(Plausible.parameters)", advice: "Fetch the config.json that belongs to the weights")
    }

    let unsupported = "This build computes the plain encoder only"
    try reader.require("position_embedding_type", isOneOf: ["absolute", .null], because: unsupported)
    try reader.require("is_decoder", isOneOf: [false, .null], because: unsupported)
    try reader.require("add_cross_attention", isOneOf: [false, .null], because: unsupported)
    try reader.require("pruned_heads", isOneOf: [.object([:]), .null], because: unsupported)
  }

  private static func activation(_ reader: ConfigReader) throws(InputError) -> Activation {
    // transformers' other names for the same two functions.
    let aliases: [String: Activation] = ["gelu_python": .gelu, "gelu_fast": .geluTanh]
    let name = try reader.string("hidden_act") ?? Activation.gelu.rawValue
    if let activation = Activation(rawValue: name) ?? aliases[name] { return activation }
    let known = Activation.allCases.map(\.rawValue) + aliases.keys.sorted()
    throw reader.wrong("hidden_act", .string(name), "one of \(known.joined(separator: ", "))")
  }
}
