package import Files
public import NN

/// The sizes and constants of a T5 encoder-decoder, version 1.0 or 1.1, as Hugging Face's `config.json` names them.
public struct T5Config: Sendable, Equatable {
  /// `vocab_size`
  public let vocabularySize: Int
  /// `d_model`
  public let hiddenSize: Int
  /// `d_kv`: the width of one head; heads · width need not be `hiddenSize`.
  public let headWidth: Int
  /// `num_heads`
  public let heads: Int
  /// `d_ff`
  public let intermediateSize: Int
  /// `num_layers`
  public let encoderLayers: Int
  /// `num_decoder_layers`, or as many as the encoder has.
  public let decoderLayers: Int
  /// `relative_attention_num_buckets`
  public let buckets: Int
  /// `relative_attention_max_distance`: tokens this far apart, and farther, share a bucket.
  public let maximumDistance: Int
  /// The activation that `feed_forward_proj` names.
  public let activation: Activation
  /// `feed_forward_proj` begins with `gated-`: version 1.1.
  public let isGated: Bool
  /// The head is the embedding table: version 1.0.
  public let tiesEmbeddings: Bool
  /// What the decoder's output is multiplied by before the head: 1/√hiddenSize in version 1.0, else 1.
  public let outputScale: Double
  /// `dropout_rate`
  public private(set) var dropout: Double
  /// `classifier_dropout`
  public private(set) var classifierDropout: Double
  /// `layer_norm_epsilon`
  public let normEpsilon: Double
  /// `initializer_factor`: scales the deviations of new weights.
  public let initializerFactor: Double
  /// `pad_token_id`, `decoder_start_token_id`, `eos_token_id`
  public let ids: SequenceIDs
  /// `n_positions` of the older files: the longest text in pre-training. Relative positions know no bound.
  public let pretrainedLength: Int

  /// heads · width: what queries, keys and values have for columns.
  public var innerSize: Int { heads * headWidth }

  /// Weights without heads.
  public var parameterCount: Int {
    let attention = 4 * hiddenSize * innerSize + hiddenSize
    let mlp = (isGated ? 3 : 2) * hiddenSize * intermediateSize + hiddenSize
    let stacks = encoderLayers * (attention + mlp) + decoderLayers * (2 * attention + mlp)
    return vocabularySize * hiddenSize + stacks + 2 * buckets * heads + 2 * hiddenSize
  }

  /// Overrides both dropout probabilities for this run; a saved config.json keeps the file's.
  public mutating func setDropout(_ probability: Double) { (dropout, classifierDropout) = (probability, probability) }

  /// - Throws: `InputError` naming the key, what was found and what was expected.
  package init(_ reader: ConfigReader) throws(InputError) {
    vocabularySize = try reader.integer("vocab_size", in: SequenceIDs.vocabulary)
    hiddenSize = try reader.integer("d_model", in: SequenceIDs.width)
    headWidth = try reader.integer("d_kv", in: 1...(1 << 12))
    heads = try reader.integer("num_heads", in: SequenceIDs.width)
    intermediateSize = try reader.integer("d_ff", in: SequenceIDs.width)
    encoderLayers = try reader.integer("num_layers", in: SequenceIDs.layers)
    decoderLayers = reader.isNull("num_decoder_layers") ? encoderLayers : try reader.integer("num_decoder_layers", in: SequenceIDs.layers)
    buckets = try reader.integer("relative_attention_num_buckets", in: 4...(1 << 16), default: 32)
    maximumDistance = try reader.integer("relative_attention_max_distance", in: 1...(1 << 20), default: 128)
    guard maximumDistance > buckets / 2 else {
      throw reader.wrong("relative_attention_max_distance", .integer(maximumDistance), "more than half of the \(buckets) buckets")
    }
    (activation, isGated) = try Self.perceptron(reader)
    dropout = try reader.number("dropout_rate", in: 0...1, default: 0.1)
    classifierDropout = try reader.number("classifier_dropout", in: 0...1, default: 0)
    normEpsilon = try reader.number("layer_norm_epsilon", in: 0...1, default: 1e-6)
    initializerFactor = try reader.number("initializer_factor", in: 0...100, default: 1)
    pretrainedLength = try reader.integer("n_positions", in: 1...(1 << 24), default: 512)
    // Version 1.1 has a head of its own and no scale; transformers 5 says the second in a key of its own.
    tiesEmbeddings = try reader.flag("tie_word_embeddings", default: true)
    outputScale = try reader.flag("scale_decoder_outputs", default: tiesEmbeddings) ? 1 / Double(hiddenSize).squareRoot() : 1
    ids = try SequenceIDs(reader, vocabulary: vocabularySize, pad: 0, start: 0, end: 1)
    try SequenceIDs.requirePlausible(parameterCount, reader)
  }

  /// `relu` or `gated-gelu`, whose gelu is the tanh approximation.
  private static func perceptron(_ reader: ConfigReader) throws(InputError) -> (Activation, Bool) {
    let name = try reader.string("feed_forward_proj") ?? "relu"
    let isGated = name.hasPrefix("gated-")
    let function = isGated ? String(name.dropFirst("gated-".count)) : name
    if isGated && function == "gelu" { return (.geluNew, true) }
    guard let activation = Activation(rawValue: function) else {
      throw reader.wrong("feed_forward_proj", .string(name), "an activation (\(Activation.allCases.map(\.rawValue).joined(separator: ", "))), or gated- and one")
    }
    return (activation, isGated)
  }
}
