extension ModelConfig.Family {
  /// The class that transformers builds for a classifier of this family.
  public var classifierArchitecture: String {
    switch self {
    case .bert: "BertForSequenceClassification"
    case .roberta: "RobertaForSequenceClassification"
    case .deberta: "DebertaV2ForSequenceClassification"
    case .llama: "LlamaForSequenceClassification"
    case .mistral: "MistralForSequenceClassification"
    }
  }

  /// Where the keys of the network begin in a model with a head.
  var prefix: String { isDecoder ? "model." : self == .deberta ? "deberta." : rawValue + "." }

  /// Whether the family generates text.
  public var isDecoder: Bool { self == .llama || self == .mistral }

  /// Where the keys of the classification head begin.
  var headPrefix: String { isDecoder ? "score." : "classifier." }

  /// Parameters that a checkpoint may lack: the classification head, and the pooler of BERT and DeBERTa, which masked-language-model checkpoints do without.
  public var headPrefixes: [String] {
    switch self {
    case .bert: ["classifier.", "bert.pooler."]
    case .roberta: ["classifier."]
    case .deberta: ["classifier.", "pooler."]
    case .llama, .mistral: ["score."]
    }
  }

  /// Whether canonical `names` have no classification head.
  public func isHeadless(_ names: [String]) -> Bool { !names.contains { $0.hasPrefix(headPrefix) } }

  /// Whether a canonical name belongs to a pre-training head, which a classifier never uses.
  public func isKnownUnused(_ name: String) -> Bool {
    switch self {
    case .bert: name.hasPrefix("cls.predictions.") || name.hasPrefix("cls.seq_relationship.")
    case .roberta: name.hasPrefix("lm_head.") || name.hasPrefix("roberta.pooler.")
    case .deberta:
      // The replaced-token detector and mask predictor of pre-training, and v3's positions, which its embeddings do not add.
      ["lm_predictions.", "mask_predictions.", "cls.predictions.", "lm_head.", "deberta.embeddings.position_embeddings."].contains { name.hasPrefix($0) }
    case .llama, .mistral: name.hasPrefix("lm_head.")
    }
  }

  /// The one spelling of a published key, nil for a buffer that holds no weights.
  ///
  /// - `module.` (a model saved inside `DataParallel`) is dropped;
  /// - a bare encoder's `embeddings.`, `encoder.`, `pooler.` get the family's prefix, so that every encoder key starts with it;
  /// - `LayerNorm.gamma` and `.beta` (converted from TensorFlow) become `weight` and `bias`;
  /// - a bare decoder's `embed_tokens.`, `layers.`, `norm.` get `model.`;
  /// - `rotary_emb.inv_freq`, computed from the configuration, and `position_ids` and `token_type_ids` are constants that older versions saved.
  public func canonical(_ name: String) -> String? {
    var key = name[...]
    if key.hasPrefix("module.") { key = key.dropFirst("module.".count) }
    if key.hasSuffix("embeddings.position_ids") || key.hasSuffix("embeddings.token_type_ids") || key.hasSuffix("rotary_emb.inv_freq") { return nil }
    if key.hasSuffix("LayerNorm.gamma") { key = key.dropLast("gamma".count) + "weight" }
    if key.hasSuffix("LayerNorm.beta") { key = key.dropLast("beta".count) + "bias" }
    let bare = isDecoder ? ["embed_tokens.", "layers.", "norm."] : ["embeddings.", "encoder."] + (self == .deberta ? [] : ["pooler."])
    let isBare = bare.contains { key.hasPrefix($0) }
    return (isBare ? prefix : "") + key
  }
}
