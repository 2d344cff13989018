public import Checkpoints
public import NN
public import Torch

/// DeBERTa v2 and v3 (He et al. 2021): BERT's layers with disentangled attention, whose table of distances all layers share.
public struct DebertaModel {
  let embeddings: DebertaEmbeddings
  let layers: [DebertaLayer]
  /// Vectors of distances, (2 · span, hidden); nil without relative attention.
  let distances: Embedding?
  let distanceNorm: LayerNorm?
  let convolution: DebertaConvolution?
  let positions: DisentangledAttention.Positions?

  /// - Parameter scope: at the prefix `deberta`.
  public init(_ c: DebertaConfig, at scope: Scope) {
    let encoder = scope["encoder"]
    embeddings = DebertaEmbeddings(c, at: scope["embeddings"])
    layers = (0..<c.layers).map { DebertaLayer(c, at: encoder["layer"][$0]) }
    distances = c.relative.map { Embedding(2 * $0.span, c.hiddenSize, deviation: c.initializerRange, at: encoder["rel_embeddings"]) }
    distanceNorm = c.normalizesDistances ? LayerNorm(c.hiddenSize, epsilon: c.layerNormEpsilon, at: encoder["LayerNorm"]) : nil
    convolution = c.convolution.map { DebertaConvolution($0, c, at: encoder["conv"]) }
    positions = c.relative
  }

  /// The last layer's output, (tokens, hidden).
  public func callAsFunction(_ batch: PackedTokens, _ mode: Mode = .evaluation) -> Tensor { hiddenStates(batch, mode).last! }

  /// The embeddings' output, then every layer's: layers + 1 tensors of (tokens, hidden).
  public func hiddenStates(_ batch: PackedTokens, layers count: Int? = nil, _ mode: Mode = .evaluation) -> [Tensor] {
    let rows = DistanceRows(rowStarts: batch.rowStarts, positions: positions, device: batch.ids.device)
    let table = distances.map { table in
      let needed = table.weight.narrow(0, rows.firstDistance, rows.distances)
      return distanceNorm.map { $0(needed) } ?? needed
    }
    var states = [embeddings(batch, mode)]
    for (number, layer) in layers.prefix(count ?? layers.count).enumerated() {
      let output = layer(states[number], rows: rows, distances: table, mode)
      states.append(number == 0 ? convolution.map { $0(states[0], addedTo: output, batch, mode) } ?? output : output)
    }
    return states
  }
}

/// Word vectors, with positions and segments where the configuration has them, normalised.
struct DebertaEmbeddings {
  let word: Embedding
  let position, tokenType: Embedding?
  let projection: Linear?
  let norm: LayerNorm
  let dropout: Double

  init(_ c: DebertaConfig, at scope: Scope) {
    let (width, deviation) = (c.embeddingSize, c.initializerRange)
    word = Embedding(c.vocabularySize, width, padding: c.padTokenID, deviation: deviation, at: scope["word_embeddings"])
    position = c.addsPositions ? Embedding(c.maxPositions, width, deviation: deviation, at: scope["position_embeddings"]) : nil
    tokenType = c.typeVocabularySize > 0 ? Embedding(c.typeVocabularySize, width, deviation: deviation, at: scope["token_type_embeddings"]) : nil
    projection = width == c.hiddenSize ? nil : Linear(width, c.hiddenSize, bias: false, deviation: deviation, at: scope["embed_proj"])
    norm = LayerNorm(c.hiddenSize, epsilon: c.layerNormEpsilon, at: scope["LayerNorm"])
    dropout = c.hiddenDropout
  }

  func callAsFunction(_ batch: PackedTokens, _ mode: Mode) -> Tensor {
    var x = word(batch.ids)
    if let position { x = x + position(batch.positions) }
    if let tokenType { x = x + tokenType(batch.types) }
    return norm(projection.map { $0(x, mode) } ?? x).dropout(dropout, mode)  // (tokens, hidden)
  }
}

/// Disentangled attention and a two-layer perceptron, each closed by norm(residual + dropout(output)).
struct DebertaLayer {
  let attention: DisentangledAttention
  let attentionOutput: Linear
  let attentionNorm: LayerNorm
  let intermediate, output: Linear
  let outputNorm: LayerNorm
  let activation: Activation
  let dropout: Double

  init(_ c: DebertaConfig, at scope: Scope) {
    let (attention, deviation) = (scope["attention"], c.initializerRange)
    self.attention = DisentangledAttention(
      hidden: c.hiddenSize, heads: c.heads, positions: c.relative, dropout: c.attentionDropout, positionDropout: c.hiddenDropout, deviation: deviation,
      at: attention["self"])
    attentionOutput = Linear(c.hiddenSize, c.hiddenSize, deviation: deviation, at: attention["output"]["dense"])
    attentionNorm = LayerNorm(c.hiddenSize, epsilon: c.layerNormEpsilon, at: attention["output"]["LayerNorm"])
    intermediate = Linear(c.hiddenSize, c.intermediateSize, deviation: deviation, at: scope["intermediate"]["dense"])
    output = Linear(c.intermediateSize, c.hiddenSize, deviation: deviation, at: scope["output"]["dense"])
    outputNorm = LayerNorm(c.hiddenSize, epsilon: c.layerNormEpsilon, at: scope["output"]["LayerNorm"])
    activation = c.activation
    dropout = c.hiddenDropout
  }

  /// (tokens, hidden) -> (tokens, hidden)
  func callAsFunction(_ x: Tensor, rows: DistanceRows, distances: Tensor?, _ mode: Mode) -> Tensor {
    let attended = attentionNorm(attentionOutput(attention(x, rows: rows, distances: distances, mode), mode), addedTo: x, dropout: dropout, mode)
    return outputNorm(output(activation(intermediate(attended, mode)), mode), addedTo: attended, dropout: dropout, mode)
  }
}

/// v2-xlarge's convolution over the embeddings: norm(first layer + activation(dropout(conv(embeddings)))).
struct DebertaConvolution {
  /// (hidden, hidden, width)
  let weight: Tensor
  let bias: Tensor
  let norm: LayerNorm
  let width: Int
  let activation: Activation
  let dropout: Double

  init(_ convolution: DebertaConfig.Convolution, _ c: DebertaConfig, at scope: Scope) {
    weight = scope["conv"].parameter("weight", [c.hiddenSize, c.hiddenSize, convolution.width], .normal(deviation: c.initializerRange))
    bias = scope["conv"].parameter("bias", [c.hiddenSize], .zeros)
    norm = LayerNorm(c.hiddenSize, epsilon: c.layerNormEpsilon, at: scope["LayerNorm"])
    (width, activation, dropout) = (convolution.width, convolution.activation, c.hiddenDropout)
  }

  /// - Parameter x: the embeddings' output, (tokens, hidden); a neighbour beyond the row counts as zero.
  func callAsFunction(_ x: Tensor, addedTo residual: Tensor, _ batch: PackedTokens, _ mode: Mode) -> Tensor {
    let (tokens, hidden) = (x.size(0), x.size(1))
    let withZero = Tensor.concatenated([x, .zeros([1, hidden], dtype: x.dtype, device: x.device)])
    let starts = batch.rowStarts.array(Int32.self).map(Int.init)
    let neighbours = zip(starts, starts.dropFirst()).flatMap { start, end in
      (start..<end).flatMap { token in
        (0..<width).map { offset in
          let neighbour = token + offset - width / 2
          return start..<end ~= neighbour ? neighbour : tokens
        }
      }
    }
    let windows = withZero.indexSelect(0, Tensor(neighbours, device: x.device)).reshaped(tokens, width * hidden)
    let kernel = weight.permuted(0, 2, 1).reshaped(hidden, width * hidden)
    return norm(activation(windows.linear([kernel], [bias]).dropout(dropout, mode)) + residual)
  }
}

/// DeBERTa with its classification head: dropout, dense and activation over the first token (`ContextPooler`), dropout, projection.
public struct DebertaClassifier: SequenceClassifier {
  let encoder: DebertaModel
  let dense, projection: Linear
  let activation: Activation
  let poolerDropout, dropout: Double

  public init(_ c: DebertaConfig, classes: Int, at scope: Scope) {
    encoder = DebertaModel(c, at: scope["deberta"])
    dense = Linear(c.hiddenSize, c.hiddenSize, deviation: c.initializerRange, at: scope["pooler"]["dense"])
    projection = Linear(c.hiddenSize, classes, deviation: c.initializerRange, at: scope["classifier"])
    (activation, poolerDropout, dropout) = (c.poolerActivation, c.poolerDropout, c.classifierDropout)
  }

  public func logits(_ batch: PackedTokens, _ mode: Mode) -> Tensor {
    let first = encoder(batch, mode).indexSelect(0, batch.firsts).dropout(poolerDropout, mode)  // (rows, hidden)
    return projection(activation(dense(first, mode)).dropout(dropout, mode), mode)
  }

  public func hiddenStates(_ batch: PackedTokens) -> [Tensor] { encoder.hiddenStates(batch) }
}
