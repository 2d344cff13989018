import Configuration
import Files

/// The encoder-decoders that `attune init` makes.
extension ModelShape {
  /// Layers of each side, hidden size, heads, MLP size, vocabulary.
  private typealias Sizes = (layers: Int, hidden: Int, heads: Int, mlp: Int, vocabulary: Int)
  private static let sizes: [(name: String, shape: Sizes)] = [
    ("tiny", (2, 64, 4, 128, 512)), ("15M", (3, 256, 4, 1024, 32_128)), ("60M", (6, 512, 8, 2048, 32_128)), ("140M", (6, 768, 12, 3072, 50_265)),
    ("400M", (12, 1024, 16, 4096, 50_265)),
  ]

  static func bart(_ job: InitJob) throws(InputError) -> JSONObject {
    let (layers, hidden, heads, mlp, vocabulary) = try named(job.size, sizes)
    var members: JSONObject = [
      "activation_dropout": .number(0), "activation_function": .string("gelu"), "architectures": .array([.string("BartForConditionalGeneration")]),
      "attention_dropout": .number(0), "bos_token_id": .integer(0), "classifier_dropout": .number(0), "d_model": .integer(hidden),
      "decoder_start_token_id": .integer(2), "dropout": .number(0.1), "eos_token_id": .integer(2), "forced_eos_token_id": .integer(2),
    ]
    let rest: JSONObject = [
      "init_std": .number(0.02), "is_encoder_decoder": .bool(true), "max_position_embeddings": .integer(job.size == "tiny" ? 256 : 1024),
      "model_type": .string("bart"), "pad_token_id": .integer(1), "scale_embedding": .bool(false), "tie_word_embeddings": .bool(true),
      "vocab_size": .integer(vocabulary),
    ]
    for (key, value) in rest { members[key] = value }
    for side in ["encoder", "decoder"] {
      members["\(side)_layers"] = .integer(layers)
      members["\(side)_attention_heads"] = .integer(heads)
      members["\(side)_ffn_dim"] = .integer(mlp)
    }
    return members
  }

  /// Version 1.1: a gated perceptron and a head of its own.
  static func t5(_ job: InitJob) throws(InputError) -> JSONObject {
    let (layers, hidden, heads, mlp, vocabulary) = try named(job.size, sizes)
    var members: JSONObject = [
      "architectures": .array([.string("T5ForConditionalGeneration")]), "classifier_dropout": .number(0), "d_ff": .integer(mlp / 2 * 3 / 2),
      "d_kv": .integer(hidden / heads), "d_model": .integer(hidden), "decoder_start_token_id": .integer(0), "dropout_rate": .number(0.1),
      "eos_token_id": .integer(1), "feed_forward_proj": .string("gated-gelu"), "initializer_factor": .number(1), "is_encoder_decoder": .bool(true),
    ]
    let rest: JSONObject = [
      "layer_norm_epsilon": .number(1e-6), "model_type": .string("t5"), "n_positions": .integer(512), "num_decoder_layers": .integer(layers),
      "num_heads": .integer(heads), "num_layers": .integer(layers), "pad_token_id": .integer(0), "relative_attention_max_distance": .integer(128),
      "relative_attention_num_buckets": .integer(32), "tie_word_embeddings": .bool(false), "vocab_size": .integer(vocabulary),
    ]
    for (key, value) in rest { members[key] = value }
    return members
  }
}
