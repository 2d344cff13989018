extension ModelConfig.Family {
  /// The class that transformers builds for a classifier of this family.
  public var classifierArchitecture: String {
    switch self {
    case .bert: "BertForSequenceClassification"
    case .roberta: "RobertaForSequenceClassification"
    }
  }

  /// Where the encoder's keys begin in a model with a head.
  var prefix: String { rawValue + "." }

  /// Parameters that a checkpoint may lack: the classification head, and BERT's pooler, which masked-language-model checkpoints do without.
  public var headPrefixes: [String] {
    switch self {
    case .bert: ["classifier.", "bert.pooler."]
    case .roberta: ["classifier."]
    }
  }

  /// Whether canonical `names` have no classification head.
  public func isHeadless(_ names: [String]) -> Bool { !names.contains { $0.hasPrefix("classifier.") } }

  /// Whether a canonical name belongs to a pre-training head, which a classifier never uses.
  public func isKnownUnused(_ name: String) -> Bool {
    switch self {
    case .bert: name.hasPrefix("cls.predictions.") || name.hasPrefix("cls.seq_relationship.")
    case .roberta: name.hasPrefix("lm_head.") || name.hasPrefix("roberta.pooler.")
    }
  }

  /// The one spelling of a published key, nil for a buffer that holds no weights.
  ///
  /// - `module.` (a model saved inside `DataParallel`) is dropped;
  /// - a bare encoder's `embeddings.`, `encoder.`, `pooler.` get the family's prefix, so that every encoder key starts with it;
  /// - `LayerNorm.gamma` and `.beta` (converted from TensorFlow) become `weight` and `bias`;
  /// - `position_ids` and `token_type_ids` are constants that older versions saved.
  public func canonical(_ name: String) -> String? {
    var key = name[...]
    if key.hasPrefix("module.") { key = key.dropFirst("module.".count) }
    if key.hasSuffix("embeddings.position_ids") || key.hasSuffix("embeddings.token_type_ids") { return nil }
    if key.hasSuffix("LayerNorm.gamma") { key = key.dropLast("gamma".count) + "weight" }
    if key.hasSuffix("LayerNorm.beta") { key = key.dropLast("beta".count) + "bias" }
    let isBare = ["embeddings.", "encoder.", "pooler."].contains { key.hasPrefix($0) }
    return (isBare ? prefix : "") + key
  }
}
