import NN
import Torch

/// BERT's encoder with its layers packed for bfloat16 products (`PackedEncoder`); embeddings stay as they are.
struct PackedBert: TextEncoder {
  let layerCount: Int
  private let embeddings: BertEmbeddings
  private let layers: PackedEncoder

  /// Nil for layers that `PackedEncoder` does not compute. Keeps nothing of `model` but its embeddings.
  /// - Parameter split: as in `PackedEncoder`, where vectors and not classes are wanted: a share of the layers. Beyond two thirds, no difference was seen.
  init?(_ model: BertModel, split: Double = 0) {
    guard let first = model.layers.first, PackedEncoder.isAvailable(on: first.output.weight.device) else { return nil }
    let parts = model.layers.compactMap(\.packed)
    guard parts.count == model.layers.count else { return nil }
    (layerCount, embeddings) = (parts.count, model.embeddings)
    layers = PackedEncoder(parts, heads: first.attention.heads, split: Int(Double(parts.count) * split))
  }

  /// No library generates code for the shapes it meets here.
  var prefersRoundBatches: Bool { false }

  func hidden(_ batch: PackedTokens, layer: Int) -> Tensor {
    layers(embeddings(batch, .evaluation), rowStarts: batch.rowStarts, layers: layer)
  }
}

extension BertLayer {
  fileprivate var packed: PackedEncoder.Layer? {
    let linears = attention.projections + [attentionOutput, intermediate, output]
    let fits = linears.allSatisfy { $0.adapter == nil && $0.weight.size(0) % 32 == 0 && $0.weight.size(1) % 32 == 0 }
    let parts = linears.compactMap { linear in linear.bias.map { (weight: linear.weight, bias: $0) } }
    guard activation == .gelu, fits, parts.count == 6 else { return nil }
    return PackedEncoder.Layer(
      query: parts[0], key: parts[1], value: parts[2], output: parts[3], up: parts[4], down: parts[5],
      attentionNorm: (attentionNorm.weight, attentionNorm.bias, attentionNorm.epsilon),
      outputNorm: (outputNorm.weight, outputNorm.bias, outputNorm.epsilon))
  }
}
