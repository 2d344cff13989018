package import Files
public import NN

/// The sizes and constants of a BART encoder-decoder, as Hugging Face's `config.json` names them.
public struct BartConfig: Sendable, Equatable {
  /// One of the two stacks of layers.
  public struct Stack: Sendable, Equatable {
    /// `encoder_layers`, `decoder_layers`
    public let layers: Int
    /// `encoder_attention_heads`, `decoder_attention_heads`; a divisor of `hiddenSize`.
    public let heads: Int
    /// `encoder_ffn_dim`, `decoder_ffn_dim`
    public let intermediateSize: Int
  }

  /// `vocab_size`
  public let vocabularySize: Int
  /// `d_model`
  public let hiddenSize: Int
  public let encoder, decoder: Stack
  /// `activation_function`
  public let activation: Activation
  /// `max_position_embeddings`: the longest source or target. The tables have `positionOffset` rows more.
  public let maxPositions: Int
  /// `scale_embedding`: word vectors are multiplied by √hiddenSize.
  public let scalesEmbeddings: Bool
  /// `tie_word_embeddings`: the head is the embedding table.
  public let tiesEmbeddings: Bool
  /// `dropout`
  public private(set) var dropout: Double
  /// `attention_dropout`
  public private(set) var attentionDropout: Double
  /// `activation_dropout`
  public private(set) var activationDropout: Double
  /// `classifier_dropout`
  public private(set) var classifierDropout: Double
  /// `init_std`: the standard deviation of new weights.
  public let initializerRange: Double
  /// `pad_token_id`, `decoder_start_token_id`, `eos_token_id`
  public let ids: SequenceIDs

  /// The row of the first position: fairseq counts from its padding id.
  public static let positionOffset = 2
  /// PyTorch's default, which no configuration changes.
  public static let normEpsilon = 1e-5

  /// Weights and biases without heads.
  public var parameterCount: Int {
    func layer(_ stack: Stack, attentions: Int) -> Int {
      attentions * (4 * hiddenSize * (hiddenSize + 1) + 2 * hiddenSize) + 2 * hiddenSize * stack.intermediateSize + stack.intermediateSize + 3 * hiddenSize
    }
    let tables = vocabularySize + 2 * (maxPositions + Self.positionOffset) + 4
    return tables * hiddenSize + encoder.layers * layer(encoder, attentions: 1) + decoder.layers * layer(decoder, attentions: 2)
  }

  /// Overrides all dropout probabilities for this run; a saved config.json keeps the file's.
  public mutating func setDropout(_ probability: Double) {
    (dropout, attentionDropout, activationDropout, classifierDropout) = (probability, probability, probability, probability)
  }

  /// - Throws: `InputError` naming the key, what was found and what was expected.
  package init(_ reader: ConfigReader) throws(InputError) {
    vocabularySize = try reader.integer("vocab_size", in: SequenceIDs.vocabulary)
    let hidden = try reader.integer("d_model", in: SequenceIDs.width)
    hiddenSize = hidden
    func stack(_ name: String) throws(InputError) -> Stack {
      let heads = try reader.integer("\(name)_attention_heads", in: SequenceIDs.width)
      guard hidden % heads == 0 else { throw reader.wrong("\(name)_attention_heads", .integer(heads), "a divisor of d_model \(hidden)") }
      return Stack(
        layers: try reader.integer("\(name)_layers", in: SequenceIDs.layers), heads: heads,
        intermediateSize: try reader.integer("\(name)_ffn_dim", in: SequenceIDs.width))
    }
    encoder = try stack("encoder")
    decoder = try stack("decoder")
    activation = try reader.activation("activation_function", default: .gelu)
    maxPositions = try reader.integer("max_position_embeddings", in: 1...(1 << 20), default: 1024)
    scalesEmbeddings = try reader.flag("scale_embedding", default: false)
    tiesEmbeddings = try reader.flag("tie_word_embeddings", default: true)
    dropout = try reader.number("dropout", in: 0...1, default: 0.1)
    attentionDropout = try reader.number("attention_dropout", in: 0...1, default: 0)
    activationDropout = try reader.number("activation_dropout", in: 0...1, default: 0)
    classifierDropout = try reader.number("classifier_dropout", in: 0...1, default: 0)
    initializerRange = try reader.number("init_std", in: 0...10, default: 0.02)
    ids = try SequenceIDs(reader, vocabulary: vocabularySize, pad: 1, start: 2, end: 2)
    try SequenceIDs.requirePlausible(parameterCount, reader)

    // What fairseq's other models of this family, mBART and Pegasus, are known by.
    let unsupported = "This build computes BART as published"
    try reader.require("normalize_before", isOneOf: [false, .null], because: unsupported)
    try reader.require("add_final_layer_norm", isOneOf: [false, .null], because: unsupported)
    try reader.require("normalize_embedding", isOneOf: [true, .null], because: unsupported)
    try reader.require("static_position_embeddings", isOneOf: [false, .null], because: unsupported)
    try reader.require("extra_pos_embeddings", isOneOf: [2, .null], because: unsupported)
  }
}
