/// What every network has, whatever its family.
extension ModelConfig {
  /// The encoder's sizes; BERT and RoBERTa only.
  public var encoder: BertConfig {
    guard case .encoder(let encoder) = network else { preconditionFailure("\(family.rawValue) is not an encoder") }
    return encoder
  }

  /// The encoder's sizes; DeBERTa only.
  public var disentangled: DebertaConfig {
    guard case .disentangled(let encoder) = network else { preconditionFailure("\(family.rawValue) has no disentangled attention") }
    return encoder
  }

  /// The decoder's sizes; LLaMA and Mistral only.
  public var decoder: LlamaConfig {
    guard case .decoder(let decoder) = network else { preconditionFailure("\(family.rawValue) is not a decoder") }
    return decoder
  }

  /// BART's sizes.
  public var bart: BartConfig {
    guard case .bart(let sizes) = network else { preconditionFailure("\(family.rawValue) is not BART") }
    return sizes
  }

  /// T5's sizes.
  public var t5: T5Config {
    guard case .t5(let sizes) = network else { preconditionFailure("\(family.rawValue) is not T5") }
    return sizes
  }

  /// Of encoder-decoders: the ids that begin and end a target.
  public var sequenceIDs: SequenceIDs {
    switch network {
    case .bart(let sizes): sizes.ids
    case .t5(let sizes): sizes.ids
    default: preconditionFailure("\(family.rawValue) is not an encoder-decoder")
    }
  }

  /// Whether the output head is the embedding table.
  public var tiesEmbeddings: Bool {
    switch network {
    case .encoder, .disentangled: false
    case .decoder(let sizes): sizes.tiesEmbeddings
    case .bart(let sizes): sizes.tiesEmbeddings
    case .t5(let sizes): sizes.tiesEmbeddings
    }
  }

  /// Rows of the embedding table.
  public var vocabularySize: Int {
    switch network {
    case .encoder(let sizes): sizes.vocabularySize
    case .disentangled(let sizes): sizes.vocabularySize
    case .decoder(let sizes): sizes.vocabularySize
    case .bart(let sizes): sizes.vocabularySize
    case .t5(let sizes): sizes.vocabularySize
    }
  }

  /// The width of a token's vector.
  public var hiddenSize: Int {
    switch network {
    case .encoder(let sizes): sizes.hiddenSize
    case .disentangled(let sizes): sizes.hiddenSize
    case .decoder(let sizes): sizes.hiddenSize
    case .bart(let sizes): sizes.hiddenSize
    case .t5(let sizes): sizes.hiddenSize
    }
  }

  /// The longest sequence that the model was made for, special tokens included; of T5, whose positions are relative, a
  /// custom and no limit.
  public var maximumLength: Int {
    switch network {
    case .encoder(let sizes): sizes.maximumLength
    case .disentangled(let sizes): sizes.maxPositions
    case .decoder(let sizes): sizes.maxPositions
    case .bart(let sizes): sizes.maxPositions
    case .t5(let sizes): sizes.pretrainedLength
    }
  }

  /// Weights and biases without heads.
  public var parameterCount: Int {
    switch network {
    case .encoder(let sizes): sizes.parameterCount
    case .disentangled(let sizes): sizes.parameterCount
    case .decoder(let sizes): sizes.parameterCount
    case .bart(let sizes): sizes.parameterCount
    case .t5(let sizes): sizes.parameterCount
    }
  }

  /// Overrides the dropout probabilities for this run; a saved config.json keeps the file's.
  public mutating func setDropout(_ probability: Double) {
    switch network {
    case .encoder(var sizes):
      sizes.setDropout(probability)
      network = .encoder(sizes)
    case .disentangled(var sizes):
      sizes.setDropout(probability)
      network = .disentangled(sizes)
    case .decoder(var sizes):
      sizes.setDropout(probability)
      network = .decoder(sizes)
    case .bart(var sizes):
      sizes.setDropout(probability)
      network = .bart(sizes)
    case .t5(var sizes):
      sizes.setDropout(probability)
      network = .t5(sizes)
    }
  }
}
