package import Files
public import NN

/// The sizes and constants of a DeBERTa v2 or v3 encoder (`model_type` deberta-v2), as Hugging Face's `config.json` names them.
public struct DebertaConfig: Sendable, Equatable {
  /// `vocab_size`
  public let vocabularySize: Int
  /// `hidden_size`; a multiple of `heads`.
  public let hiddenSize: Int
  /// `embedding_size`: width of the embedding tables; a projection follows where it is not `hiddenSize`.
  public let embeddingSize: Int
  /// `num_hidden_layers`
  public let layers: Int
  /// `num_attention_heads`
  public let heads: Int
  /// `intermediate_size`
  public let intermediateSize: Int
  /// `hidden_act`
  public let activation: Activation
  /// `max_position_embeddings`: the longest sequence the model was made for.
  public let maxPositions: Int
  /// `type_vocab_size`: rows of the segment table; 0 for none, as in v3.
  public let typeVocabularySize: Int
  /// `position_biased_input`: absolute positions are added to the embeddings.
  public let addsPositions: Bool
  /// What attention knows of the distance between two tokens; nil where `relative_attention` is false.
  public let relative: DisentangledAttention.Positions?
  /// `norm_rel_ebd`: the table of distances is normalised before its use.
  public let normalizesDistances: Bool
  /// `conv_kernel_size` and `conv_act`: a convolution over the embeddings beside the first layer, as in v2-xlarge; nil for none.
  public let convolution: Convolution?
  /// `hidden_dropout_prob`
  public private(set) var hiddenDropout: Double
  /// `attention_probs_dropout_prob`
  public private(set) var attentionDropout: Double
  /// `cls_dropout`, or `hiddenDropout` where that is null.
  public private(set) var classifierDropout: Double
  /// `pooler_dropout`
  public private(set) var poolerDropout: Double
  /// `pooler_hidden_act`
  public let poolerActivation: Activation
  /// `initializer_range`: the standard deviation of new weights.
  public let initializerRange: Double
  /// `layer_norm_eps`
  public let layerNormEpsilon: Double
  /// `pad_token_id`
  public let padTokenID: Int

  public struct Convolution: Sendable, Equatable {
    /// Odd.
    public let width: Int
    public let activation: Activation
  }

  /// Weights and biases of the encoder, without pooler and head.
  public var parameterCount: Int {
    let tables = (vocabularySize + typeVocabularySize + (addsPositions ? maxPositions : 0)) * embeddingSize
    let projection = embeddingSize == hiddenSize ? 0 : embeddingSize * hiddenSize
    let distances = (relative.map { 2 * $0.span * hiddenSize } ?? 0) + (normalizesDistances ? 2 * hiddenSize : 0)
    let own = relative.map { $0.sharesKeys ? 0 : ($0.contentToPosition ? 1 : 0) + ($0.positionToContent ? 1 : 0) } ?? 0
    let perLayer = (4 + own) * hiddenSize * (hiddenSize + 1) + 2 * hiddenSize * intermediateSize + intermediateSize + 5 * hiddenSize
    let convolved = convolution.map { hiddenSize * (hiddenSize * $0.width + 3) } ?? 0
    return tables + projection + 2 * hiddenSize + distances + layers * perLayer + convolved
  }

  /// Overrides all dropout probabilities for this run; a saved config.json keeps the file's.
  public mutating func setDropout(_ probability: Double) {
    (hiddenDropout, attentionDropout, classifierDropout, poolerDropout) = (probability, probability, probability, probability)
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
  package init(_ reader: ConfigReader) throws(InputError) {
    vocabularySize = try reader.integer("vocab_size", in: Plausible.vocabulary)
    hiddenSize = try reader.integer("hidden_size", in: Plausible.width)
    embeddingSize = reader.isNull("embedding_size") ? hiddenSize : try reader.integer("embedding_size", in: Plausible.width)
    layers = try reader.integer("num_hidden_layers", in: Plausible.layers)
    heads = try reader.integer("num_attention_heads", in: Plausible.width)
    guard hiddenSize % heads == 0 else { throw reader.wrong("num_attention_heads", .integer(heads), "a divisor of hidden_size \(hiddenSize)") }
    intermediateSize = try reader.integer("intermediate_size", in: Plausible.width)
    maxPositions = try reader.integer("max_position_embeddings", in: Plausible.positions, default: 512)
    typeVocabularySize = try reader.integer("type_vocab_size", in: 0...(1 << 20), default: 0)
    addsPositions = try reader.flag("position_biased_input", default: true)
    relative = try reader.flag("relative_attention", default: false) ? try Self.relative(reader, maxPositions) : nil
    let norms = try reader.string("norm_rel_ebd") ?? "none"
    normalizesDistances = relative != nil && norms.lowercased().split(whereSeparator: { $0 == "|" || $0 == " " }).contains("layer_norm")
    convolution = try Self.convolution(reader)
    hiddenDropout = try reader.number("hidden_dropout_prob", in: 0...1, default: 0.1)
    attentionDropout = try reader.number("attention_probs_dropout_prob", in: 0...1, default: 0.1)
    classifierDropout = reader.isNull("cls_dropout") ? hiddenDropout : try reader.number("cls_dropout", in: 0...1)
    poolerDropout = try reader.number("pooler_dropout", in: 0...1, default: 0)
    activation = try Self.activation(reader, "hidden_act", default: .gelu)
    poolerActivation = try Self.activation(reader, "pooler_hidden_act", default: .gelu)
    initializerRange = try reader.number("initializer_range", in: 0...10, default: 0.02)
    layerNormEpsilon = try reader.number("layer_norm_eps", in: 0...1, default: 1e-7)
    padTokenID = reader.isNull("pad_token_id") ? 0 : try reader.integer("pad_token_id", in: 0...(vocabularySize - 1))
    guard parameterCount <= Plausible.parameters else {
      throw InputError(
        reader.path, "its sizes add up to \(parameterCount) parameters, expected at most \(Plausible.parameters)",
        advice: "Fetch the config.json that belongs to the weights")
    }
    let unsupported = "This build computes the published DeBERTa v2 and v3 encoders"
    try reader.require("pooler_hidden_size", isOneOf: [.integer(hiddenSize), .null], because: unsupported)
    try reader.require("attention_head_size", isOneOf: [.integer(hiddenSize / heads), .null], because: unsupported)
    try reader.require("conv_groups", isOneOf: [1, .null], because: unsupported)
  }

  private static func relative(_ reader: ConfigReader, _ maxPositions: Int) throws(InputError) -> DisentangledAttention.Positions {
    let stated = try reader.integer("max_relative_positions", in: -1...(1 << 20), default: -1)
    let buckets = try reader.integer("position_buckets", in: -1...(1 << 20), default: -1)
    // A list, or as on the hub one string: "p2c|c2p".
    let isText = reader.object["pos_att_type"]?.string != nil
    let kinds = isText ? try reader.string("pos_att_type")!.lowercased().split(whereSeparator: { $0 == "|" || $0 == " " }).map(String.init) : try reader.strings("pos_att_type")
    for kind in kinds where kind != "c2p" && kind != "p2c" { throw reader.wrong("pos_att_type", .string(kind), "c2p, p2c, or both") }
    let furthest = stated < 1 ? maxPositions : stated
    guard buckets < 1 || buckets > 3 && buckets / 2 < furthest - 1 else {
      throw reader.wrong("position_buckets", .integer(buckets), "4 to \(2 * furthest - 3), twice the distances that have a bucket of their own")
    }
    return DisentangledAttention.Positions(
      contentToPosition: kinds.contains("c2p"), positionToContent: kinds.contains("p2c"), sharesKeys: try reader.flag("share_att_key", default: false),
      buckets: buckets > 0 ? buckets : nil, furthest: furthest)
  }

  private static func convolution(_ reader: ConfigReader) throws(InputError) -> Convolution? {
    let width = try reader.integer("conv_kernel_size", in: 0...63, default: 0)
    guard width > 0 else { return nil }
    guard width % 2 == 1 else { throw reader.wrong("conv_kernel_size", .integer(width), "an odd number") }
    return Convolution(width: width, activation: try activation(reader, "conv_act", default: .tanh))
  }

  private static func activation(_ reader: ConfigReader, _ key: String, default fallback: Activation) throws(InputError) -> Activation {
    let name = try reader.string(key) ?? fallback.rawValue
    guard let activation = Activation(rawValue: name) else {
      throw reader.wrong(key, .string(name), "one of \(Activation.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return activation
  }
}
