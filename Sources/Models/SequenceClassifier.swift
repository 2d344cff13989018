public import Checkpoints
public import NN
public import Torch

/// An encoder with a classification head: one row of logits for each row of a batch.
public protocol SequenceClassifier {
  /// (rows, classes)
  func logits(_ batch: PackedTokens, _ mode: Mode) -> Tensor
  /// The embeddings' output and each layer's, (tokens, hidden).
  func hiddenStates(_ batch: PackedTokens) -> [Tensor]
}

/// BERT with its classification head: pooler, dropout, projection.
public struct BertClassifier: SequenceClassifier {
  let encoder: BertModel
  let projection: Linear
  let dropout: Double

  public init(_ c: BertConfig, classes: Int, at scope: Scope) {
    encoder = BertModel(c, pooled: true, at: scope["bert"])
    projection = Linear(c.hiddenSize, classes, deviation: c.initializerRange, at: scope["classifier"])
    dropout = c.classifierDropout
  }

  public func logits(_ batch: PackedTokens, _ mode: Mode) -> Tensor {
    projection(encoder.pooled(encoder(batch, mode), batch, mode).dropout(dropout, mode), mode)
  }

  public func hiddenStates(_ batch: PackedTokens) -> [Tensor] { encoder.hiddenStates(batch) }
}
