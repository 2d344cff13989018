public import Torch

/// A low-rank update of a linear layer, W + scale·B·A (LoRA, Hu et al. 2021), with DoRA's magnitude where the layer has one
/// (Liu et al. 2024). Parameters are float32 whatever W is; the arithmetic is PEFT's.
public struct LowRankAdapter {
  /// (rank, inputs)
  public let a: Tensor
  /// (outputs, rank)
  public let b: Tensor
  /// Of B, (outputs); seldom there.
  public let bias: Tensor?
  /// What B·A is multiplied by.
  public let scale: Double
  /// Probability that an input of A is dropped in training.
  public let dropout: Double
  /// Length of each row of the updated weight, (outputs); nil without DoRA.
  public let magnitude: Tensor?

  /// The output of the adapted layer.
  /// - Parameters:
  ///   - x: the layer's input, (..., inputs).
  ///   - result: what the layer gives without adapter, (..., outputs).
  ///   - layer: its weight (outputs, inputs) and bias.
  /// - Returns: like `result`, in its dtype.
  func callAsFunction(_ x: Tensor, result: Tensor, weight: Tensor, bias layerBias: Tensor?, _ mode: Mode) -> Tensor {
    let (p, seed) = mode.dropout(dropout)
    let dropped = x.to(a.dtype).dropout(p, seed: seed)
    guard let magnitude else { return (result + update(dropped)).to(result.dtype) }
    // PEFT drops the inputs of the frozen product as well, so with dropout that product is computed a second time.
    let frozen = p > 0 ? dropped.linear([weight], nil) : layerBias.map { result - $0 } ?? result
    let ratio = magnitude / rowLengths(of: weight)  // (outputs)
    return (result + (ratio - 1) * frozen + ratio * update(dropped)).to(result.dtype)
  }

  /// Whether scale · B · A · dropout(x) is all there is to it.
  var isPlain: Bool { bias == nil && magnitude == nil }

  /// The factors with this pass's dropout mask, for adapters that are plain.
  func factors(_ mode: Mode) -> LowRankFactors {
    let (p, seed) = mode.dropout(dropout)
    return LowRankFactors(a: a, b: b, scale: scale, dropout: p, seed: seed)
  }

  /// scale · (B · A · x + bias), (..., outputs)
  private func update(_ x: Tensor) -> Tensor {
    let low = x.linear([a], nil)  // (..., rank)
    guard let bias else { return (low * scale).linear([b], nil) }
    return low.linear([b], [bias]) * scale
  }

  /// ‖W + scale·B·A‖ of each row. It stays out of the gradient (section 4.3 of the DoRA paper).
  func rowLengths(of weight: Tensor) -> Tensor { withoutGradients { (weight.to(.float32) + delta).norm(1) } }

  /// W + scale·B·A, at its magnitude: what the layer multiplies with, (outputs, inputs) float32. Knows neither dropout nor bias.
  public func updated(_ weight: Tensor) -> Tensor {
    let sum = weight.to(.float32) + delta
    return magnitude.map { sum * ($0 / rowLengths(of: weight)).unsqueezed(1) } ?? sum
  }

  /// scale · B · A, (outputs, inputs), float32.
  public var delta: Tensor { b.to(.float32).mm(a.to(.float32)) * scale }
}

/// The same for a table of vectors: W + scale·(B·A)ᵀ.
public struct LowRankTable {
  /// (rank, rows)
  public let a: Tensor
  /// (width, rank)
  public let b: Tensor
  public let scale: Double
  /// Length of each column of the updated table, (width); nil without DoRA.
  public let magnitude: Tensor?

  /// The adapted vectors of `ids`, whose vectors without adapter are `result`, (..., width).
  func callAsFunction(_ ids: Tensor, result: Tensor, weight: Tensor, padding: Int?) -> Tensor {
    let update = (a.transposed(0, 1).embedding(ids, paddingIndex: padding ?? -1) * scale).linear([b], nil)  // (..., width)
    guard let magnitude else { return (result + update).to(result.dtype) }
    return (magnitude / columnLengths(of: weight) * (result + update)).to(result.dtype)
  }

  func columnLengths(of weight: Tensor) -> Tensor { withoutGradients { (weight.to(.float32) + delta).norm(0) } }

  /// scale · (B · A)ᵀ, (rows, width), float32.
  public var delta: Tensor { b.to(.float32).mm(a.to(.float32)).transposed(0, 1) * scale }
}
