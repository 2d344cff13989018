public import Checkpoints
public import NN
public import Torch

/// The head of BART's and T5's classifiers: dropout, dense, tanh, dropout, projection.
struct SequenceHead {
  let dense, projection: Linear
  let dropout: Double

  init(_ hidden: Int, classes: Int, dropout: Double, deviation: Double, at scope: Scope) {
    dense = Linear(hidden, hidden, deviation: deviation, at: scope["dense"])
    projection = Linear(hidden, classes, deviation: deviation, at: scope["out_proj"])
    self.dropout = dropout
  }

  /// (rows, hidden) -> (rows, classes)
  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    projection(dense(x.dropout(dropout, mode), mode).tanh().dropout(dropout, mode), mode)
  }
}

/// BART with a classification head: the text is source and, shifted, target; the head reads the decoder at the text's last end token.
public struct BartClassifier: SequenceClassifier {
  let model: BartModel
  let head: SequenceHead
  let ids: SequenceIDs

  public init(_ c: BartConfig, classes: Int, at scope: Scope) {
    model = BartModel(c, at: scope["model"])
    head = SequenceHead(
      c.hiddenSize, classes: classes, dropout: c.classifierDropout, deviation: c.initializerRange, at: scope["classification_head"])
    ids = c.ids
  }

  public func logits(_ batch: PackedTokens, _ mode: Mode) -> Tensor {
    let memory = model.encode(batch, mode, checkpoints: false)
    let hidden = model.decode(batch.shiftedRight(start: ids.decoderStart), memory: memory, of: batch, mode, checkpoints: false)
    return head(hidden.indexSelect(0, batch.lasts(of: ids.endOfSequence)), mode)
  }

  /// The encoder's.
  public func hiddenStates(_ batch: PackedTokens) -> [Tensor] {
    model.encoder(model.embeddings(batch.ids), batch, memory: nil, .evaluation, keeps: true)
  }
}

/// T5 with a classification head, read as BART's.
public struct T5Classifier: SequenceClassifier {
  let model: T5Model
  let head: SequenceHead
  let ids: SequenceIDs

  public init(_ c: T5Config, classes: Int, at scope: Scope) {
    model = T5Model(c, at: scope["transformer"])
    head = SequenceHead(
      c.hiddenSize, classes: classes, dropout: c.classifierDropout, deviation: c.initializerFactor / Double(c.hiddenSize).squareRoot(),
      at: scope["classification_head"])
    ids = c.ids
  }

  public func logits(_ batch: PackedTokens, _ mode: Mode) -> Tensor {
    let memory = model.encode(batch, mode, checkpoints: false)
    let hidden = model.decode(batch.shiftedRight(start: ids.decoderStart), memory: memory, of: batch, mode, checkpoints: false)
    return head(hidden.indexSelect(0, batch.lasts(of: ids.endOfSequence)), mode)
  }

  /// The encoder's.
  public func hiddenStates(_ batch: PackedTokens) -> [Tensor] {
    model.encoder(model.embeddings(batch.ids), batch, memory: nil, .evaluation, keeps: true)
  }
}
