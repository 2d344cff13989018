extension ModelConfig.Family {
  /// The class that transformers builds for a classifier of this family.
  public var classifierArchitecture: String {
    switch self {
    case .bert: "BertForSequenceClassification"
    case .roberta: "RobertaForSequenceClassification"
    case .deberta: "DebertaV2ForSequenceClassification"
    case .llama: "LlamaForSequenceClassification"
    case .mistral: "MistralForSequenceClassification"
    case .bart: "BartForSequenceClassification"
    case .t5: "T5ForSequenceClassification"
    }
  }

  /// Where the keys of the network begin in a model with a head.
  var prefix: String {
    switch self {
    case .bert, .roberta: rawValue + "."
    case .deberta: "deberta."
    case .llama, .mistral, .bart: "model."
    case .t5: ""
    }
  }

  /// Whether the family is a decoder alone.
  public var isDecoder: Bool { self == .llama || self == .mistral }

  /// Whether the family turns a source into a target.
  public var isEncoderDecoder: Bool { self == .bart || self == .t5 }

  /// Classes of a configuration that does not say how many.
  var defaultLabelCount: Int { self == .bart ? 3 : 2 }

  /// Where the keys of the classification head begin.
  var headPrefix: String { isDecoder ? "score." : isEncoderDecoder ? "classification_head." : "classifier." }

  /// Parameters that a checkpoint may lack: the classification head, and the pooler of BERT and DeBERTa, which masked-language-model checkpoints do without.
  public var headPrefixes: [String] {
    switch self {
    case .bert: ["classifier.", "bert.pooler."]
    case .roberta: ["classifier."]
    case .deberta: ["classifier.", "pooler."]
    case .llama, .mistral: ["score."]
    case .bart, .t5: ["classification_head."]
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
    case .llama, .mistral, .t5: name.hasPrefix("lm_head.")
    case .bart: name.hasPrefix("lm_head.") || name == "final_logits_bias"
    }
  }

  /// The one spelling of a published key, nil for a buffer that holds no weights.
  ///
  /// - `module.` (a model saved inside `DataParallel`) is dropped;
  /// - a bare encoder's `embeddings.`, `encoder.`, `pooler.` get the family's prefix, so that every encoder key starts with it;
  /// - `LayerNorm.gamma` and `.beta` (converted from TensorFlow) become `weight` and `bias`;
  /// - a bare decoder's `embed_tokens.`, `layers.`, `norm.` get `model.`, as do a bare BART's `shared.`, `encoder.`, `decoder.`;
  /// - T5's `transformer.` is dropped; T5 1.0's bias of cross-attention, which its authors never used, is left out;
  /// - `rotary_emb.inv_freq`, computed from the configuration, and `position_ids` and `token_type_ids` are constants that older versions saved.
  public func canonical(_ name: String) -> String? {
    var key = name[...]
    if key.hasPrefix("module.") { key = key.dropFirst("module.".count) }
    if key.hasSuffix("embeddings.position_ids") || key.hasSuffix("embeddings.token_type_ids") || key.hasSuffix("rotary_emb.inv_freq") { return nil }
    if key.hasSuffix("LayerNorm.gamma") { key = key.dropLast("gamma".count) + "weight" }
    if key.hasSuffix("LayerNorm.beta") { key = key.dropLast("beta".count) + "bias" }
    if self == .t5 {
      if key.hasPrefix("transformer.") { key = key.dropFirst("transformer.".count) }
      if key.hasSuffix("EncDecAttention.relative_attention_bias.weight") { return nil }
    }
    // A version number that fairseq keeps among the weights.
    if self == .bart && (key.hasSuffix("encoder.version") || key.hasSuffix("decoder.version")) { return nil }
    return (bareNames.contains { key.hasPrefix($0) } ? prefix : "") + key
  }

  /// What keys begin with where the network has no head around it.
  private var bareNames: [String] {
    switch self {
    case .bert, .roberta: ["embeddings.", "encoder.", "pooler."]
    case .deberta: ["embeddings.", "encoder."]
    case .llama, .mistral: ["embed_tokens.", "layers.", "norm."]
    case .bart: ["shared.", "encoder.", "decoder."]
    case .t5: []
    }
  }
}

extension ModelConfig {
  /// The canonical key of each stored one, nil where the model has no use for it.
  ///
  /// An encoder-decoder's word vectors are one table, which files hold as `shared` and, or, as a copy on either side. T5's
  /// classifier has its network below `transformer.`.
  public func canonicalNames(_ stored: [String]) -> [String?] {
    let names = stored.map(family.canonical)
    guard family.isEncoderDecoder else { return names }
    let shared = "\(family.prefix)shared.weight"
    let copies = ["encoder", "decoder"].map { "\(family.prefix)\($0).embed_tokens.weight" }
    let source = ([shared] + copies).first { names.contains($0) }
    let root = family == .t5 && architectures == [family.classifierArchitecture] ? "transformer." : ""
    return names.map { name in
      guard let name else { return nil }
      if name == source { return root + shared }
      if name == shared || copies.contains(name) { return nil }
      return name.hasPrefix("encoder.") || name.hasPrefix("decoder.") ? root + name : name
    }
  }
}
